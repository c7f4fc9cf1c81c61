package main

import (
	"errors"
	"os"
	"testing"

	"github.com/mailaudit/mailaudit/report/view"
)

// TestDeviceIsWrongUsage: a device or a pipe holds no mailbox and may never end; naming one is a mistake, not an error inside
// mailaudit.
func TestDeviceIsWrongUsage(t *testing.T) {
	p := &program{ui: &ui{lang: view.EN}}
	var f *failure
	if err := p.checkPaths([]string{os.DevNull}); !errors.As(err, &f) || f.code != exitUsage || f.hint == "" {
		t.Errorf("scanning %s: %v", os.DevNull, err)
	}
	if err := p.checkPaths([]string{t.TempDir()}); err != nil {
		t.Errorf("scanning a folder: %v", err)
	}
}
