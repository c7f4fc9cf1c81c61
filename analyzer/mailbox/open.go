package mailbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrNotMail is returned by Open for something that can hold no mail: a FIFO, a device, a socket.
var ErrNotMail = errors.New("mailbox: neither a file nor a folder")

// Open looks at what the user named. A symbolic link is followed: the user asked for what is behind it. Nothing is read yet.
func Open(path string, index int) (Source, error) {
	st, err := os.Stat(path)
	if err != nil {
		return Source{}, fmt.Errorf("opening source: %w", err)
	}
	if !st.Mode().IsRegular() && !st.IsDir() {
		return Source{}, fmt.Errorf("opening source %s (%s): %w", path, special(st.Mode()), ErrNotMail)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return Source{}, fmt.Errorf("opening source: %w", err)
	}
	return Source{Index: index, Path: path, Name: filepath.Base(abs)}, nil
}

// special names what is neither a regular file nor a folder: opening a FIFO waits for a writer, reading a device may never end.
func special(m fs.FileMode) string {
	switch {
	case m&fs.ModeSymlink != 0:
		return "symlink"
	case m&fs.ModeNamedPipe != 0:
		return "fifo"
	case m&fs.ModeSocket != 0:
		return "socket"
	case m&fs.ModeDevice != 0:
		return "device"
	}
	return "special_file"
}
