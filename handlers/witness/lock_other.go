//go:build !unix

package witness

import "os"

// lock keeps nobody out on systems without flock.
func lock(path string) (unlock func() error, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	return file.Close, nil
}
