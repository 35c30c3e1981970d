package main

import "strings"

// letterRows is how high a large letter is.
const letterRows = 5

// largeLetters draws the alphabet of user codes (RFC 8628 §6.1), five rows
// each, and the hyphen.
var largeLetters = map[rune][letterRows]string{
	'B': {"####.", "#...#", "####.", "#...#", "####."},
	'C': {".####", "#....", "#....", "#....", ".####"},
	'D': {"####.", "#...#", "#...#", "#...#", "####."},
	'F': {"#####", "#....", "####.", "#....", "#...."},
	'G': {".####", "#....", "#..##", "#...#", ".####"},
	'H': {"#...#", "#...#", "#####", "#...#", "#...#"},
	'J': {"..###", "....#", "....#", "#...#", ".###."},
	'K': {"#...#", "#..#.", "###..", "#..#.", "#...#"},
	'L': {"#....", "#....", "#....", "#....", "#####"},
	'M': {"#...#", "##.##", "#.#.#", "#...#", "#...#"},
	'N': {"#...#", "##..#", "#.#.#", "#..##", "#...#"},
	'P': {"####.", "#...#", "####.", "#....", "#...."},
	'Q': {".###.", "#...#", "#.#.#", "#..#.", ".##.#"},
	'R': {"####.", "#...#", "####.", "#..#.", "#...#"},
	'S': {".####", "#....", ".###.", "....#", "####."},
	'T': {"#####", "..#..", "..#..", "..#..", "..#.."},
	'V': {"#...#", "#...#", "#...#", ".#.#.", "..#.."},
	'W': {"#...#", "#...#", "#.#.#", "##.##", "#...#"},
	'X': {"#...#", ".#.#.", "..#..", ".#.#.", "#...#"},
	'Z': {"#####", "...#.", "..#..", ".#...", "#####"},
	'-': {".....", ".....", ".###.", ".....", "....."},
}

// large draws a user code to be read from across a counter. A code of other
// letters or of more than ten comes back spaced out instead.
func large(code string) string {
	letters := []rune(code)
	for _, letter := range letters {
		if _, ok := largeLetters[letter]; !ok || len(letters) > 10 {
			return "  " + strings.Join(strings.Split(code, ""), " ")
		}
	}
	rows := make([]string, letterRows)
	for i := range rows {
		for _, letter := range letters {
			rows[i] += "  " + largeLetters[letter][i]
		}
		rows[i] = strings.TrimRight(strings.NewReplacer("#", "█", ".", " ").Replace(rows[i]), " ")
	}
	return strings.Join(rows, "\n")
}
