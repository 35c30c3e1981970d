package main

import (
	"encoding/binary"
	"fmt"
	"os"
)

// The kinds of a page of a b-tree (SQLite's file format, §1.6).
const (
	interiorIndex = 2
	interiorTable = 5
	leafIndex     = 10
	leafTable     = 13
)

// pageFile counts the pages of a SQLite file, which nobody writes meanwhile and whose write-ahead log is empty. It knows what
// SQLite's own dbstat tells, which the program's driver is built without.
type pageFile struct {
	content  []byte
	pageSize int
	usable   int // bytes of a page
}

func openPages(path string) (*pageFile, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	const header = 100
	if len(content) < header {
		return nil, fmt.Errorf("%s is no database", path)
	}
	size := int(binary.BigEndian.Uint16(content[16:]))
	if size == 1 {
		size = 1 << 16
	}
	return &pageFile{content: content, pageSize: size, usable: size - int(content[20])}, nil
}

// page is a page with a number from 1, and where its b-tree's header begins.
func (f *pageFile) page(number int) (page []byte, header int, err error) {
	end := number * f.pageSize
	if number < 1 || end > len(f.content) {
		return nil, 0, fmt.Errorf("there is no page %d", number)
	}
	if number == 1 {
		header = 100
	}
	return f.content[end-f.pageSize : end], header, nil
}

// count returns the pages of the table or index with this root, those of values that are too long for a page too.
func (f *pageFile) count(root int) (pages int, err error) {
	page, header, err := f.page(root)
	if err != nil {
		return 0, err
	}
	kind := page[header]
	cells, interior := header+8, kind == interiorIndex || kind == interiorTable
	if interior {
		cells += 4
	}
	pages = 1
	below := func(at int) error {
		more, err := f.count(int(binary.BigEndian.Uint32(page[at:])))
		pages += more
		return err
	}
	for i := range int(binary.BigEndian.Uint16(page[header+3:])) {
		cell := int(binary.BigEndian.Uint16(page[cells+2*i:]))
		if interior {
			if err := below(cell); err != nil {
				return 0, err
			}
			cell += 4
		}
		if kind != interiorTable {
			payload, _ := varint(page[cell:])
			pages += f.overflow(payload, kind)
		}
	}
	if interior {
		err = below(header + 8)
	}
	return pages, err
}

// overflow is how many more pages hold what of a cell has no room in its own.
func (f *pageFile) overflow(payload int, kind byte) int {
	most, least := (f.usable-12)*64/255-23, (f.usable-12)*32/255-23
	if kind == leafTable {
		most = f.usable - 35
	}
	if payload <= most {
		return 0
	}
	local := least + (payload-least)%(f.usable-4)
	if local > most {
		local = least
	}
	return (payload - local + f.usable - 5) / (f.usable - 4)
}

// varint is a whole number as SQLite writes it, and its length.
func varint(text []byte) (value, length int) {
	for length < 8 {
		value = value<<7 | int(text[length]&0x7f)
		length++
		if text[length-1] < 0x80 {
			return value, length
		}
	}
	return value<<8 | int(text[8]), 9
}
