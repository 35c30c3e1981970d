package main

import (
	"encoding/base64"
	"fmt"
	"io"
)

// KeysCmd is about the master key.
type KeysCmd struct {
	GenerateMaster KeysGenerateMasterCmd `cmd:"" help:"Print a new master key. Keep it in a file of its own, and a copy of it in a safe place."`
}

// KeysGenerateMasterCmd is countersign keys generate-master.
type KeysGenerateMasterCmd struct{}

// Run prints 32 random bytes in base64.
func (*KeysGenerateMasterCmd) Run(env *Environment) error {
	key, err := newMasterKey(env.Rand)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(env.Stdout, key)
	return err
}

func newMasterKey(rand io.Reader) (string, error) {
	key := make([]byte, masterKeySize)
	if _, err := io.ReadFull(rand, key); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(key), nil
}
