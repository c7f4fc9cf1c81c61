package state

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

func isReadOnly(err error) bool { return errors.Is(err, errWriteProtect) }

const (
	errWriteProtect     = syscall.Errno(19) // ERROR_WRITE_PROTECT
	errSharingViolation = syscall.Errno(32) // ERROR_SHARING_VIOLATION
)

// tryLock opens a file and shares it with nobody, which Windows ends however the process ends. The file is nil where
// another process has it.
func tryLock(path string) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, errSharingViolation) {
		return nil, nil
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(h), path), nil
}

// syncDir has nothing to do: NTFS keeps a journal of names.
func syncDir(string) error { return nil }
