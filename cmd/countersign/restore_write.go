package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"countersign/audit/tree"
	"countersign/models"
)

// write copies the backup beside its place, brings its schema up to date, checks it, and gives it its name.
func (r *RestoreCmd) write(env *Environment, found *copyFound) (err error) {
	part, err := newPart(r.target())
	if errors.Is(err, fs.ErrNotExist) {
		return noFolder(filepath.Dir(r.target()), err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, part.end()) }()
	if err := r.copy(env, part); err != nil {
		return err
	}
	if found.behind != nil {
		if err := r.migrate(env, part.Name()); err != nil {
			return err
		}
	}
	if *found, err = checkCopy(env, part.Name(), r.settings.issuer); err != nil {
		return err
	}
	if err := r.sound(*found); err != nil {
		return err
	}
	return part.publish(r.target())
}

// copy copies the file byte for byte, and reads back what was written.
func (r *RestoreCmd) copy(env *Environment, part *partFile) error {
	file, err := os.Open(r.File)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	read, written := sha256.New(), sha256.New()
	to := &meteredWriter{env: env, to: io.MultiWriter(part, read), all: info.Size(), meter: meterOf(env)}
	defer to.meter.end()
	if _, err := io.Copy(to, file); err != nil {
		return fmt.Errorf("%w. Nothing was restored", err)
	}
	if err := part.Sync(); err != nil {
		return err
	}
	return readBack(part, written, read)
}

func readBack(part *partFile, written, read hash.Hash) error {
	if _, err := part.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(written, part); err != nil {
		return err
	}
	if !bytes.Equal(written.Sum(nil), read.Sum(nil)) {
		return fmt.Errorf("%s does not read as it was written.\nNext: use another disk", part.Name())
	}
	return nil
}

// meteredWriter says how far it is, and ends with the context.
type meteredWriter struct {
	env       *Environment
	to        io.Writer
	done, all int64
	meter     *progressMeter
}

func (m *meteredWriter) Write(b []byte) (int, error) {
	if err := m.env.Context.Err(); err != nil {
		return 0, err
	}
	n, err := m.to.Write(b)
	m.done += int64(n)
	m.meter.tell(m.done, m.all, "bytes restored")
	return n, err
}

// migrate brings the copy's schema up to date, and then holds it against its owner.
func (r *RestoreCmd) migrate(env *Environment, name string) error {
	return withDatabase(env, "sqlite:"+name, func(database *models.Database) error {
		meter := meterOf(env)
		names, err := database.MigrateUp(models.Telling(env.Context, meter.hear))
		meter.end()
		for _, name := range names {
			_, _ = fmt.Fprintln(env.Stdout, "applied", name)
		}
		if err == nil {
			err = database.CheckOwner(env.Context, r.owner(env))
		}
		return err
	})
}

// keptSize is the size of a kept checkpoint; 0 for what is none of this issuer.
func keptSize(issuer string, note []byte) int64 {
	origin, err := tree.Origin(issuer)
	if err != nil {
		return 0
	}
	kept, err := tree.Read(note, origin)
	if err != nil {
		return 0
	}
	return kept.Size
}
