package main

import (
	"encoding/base64"
	"fmt"
	"io"
)

// KeysCmd is about the master key and the keys that it opens.
type KeysCmd struct {
	GenerateMaster KeysGenerateMasterCmd `cmd:"" help:"Print a new master key. Keep it in a file of its own, and a copy of it in a safe place."`
	List           KeysListCmd           `cmd:"" help:"List the server's own keys. With the master key, forged rows are refused."`
	Rotate         KeysRotateCmd         `cmd:"" help:"Let the next signing keys sign from now on. What the ones before signed stays valid."`
	Retire         KeysRetireCmd         `cmd:"" help:"End a retired signing key: erase its private half, and refuse tokens that it signed."`
	Reseal         KeysResealCmd         `cmd:"" help:"Change the master key: seal every key with a new one."`
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
