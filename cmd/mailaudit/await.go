package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
)

// A nightly run is set up once and lives for years. The mailbox may not have been made when it begins, and a disk may not be
// mounted one night.

// withMail divides paths into those where mail can be looked for, and those where nothing is: names that do not exist in a
// folder that does, and folders without a file. A Maildir is a mailbox even without mail.
func withMail(paths []string) (here, absent []string) {
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if parent, err := os.Stat(filepath.Dir(path)); err == nil && parent.IsDir() {
				absent = append(absent, path)
				continue
			}
		case err == nil && info.IsDir() && !mailbox.Empty(path) && hollow(path):
			absent = append(absent, path)
			continue
		}
		here = append(here, path)
	}
	return here, absent
}

// hollow reports whether nothing but folders lies in a folder.
func hollow(dir string) bool {
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			err = fs.ErrExist
		}
		return err
	})
	return err == nil
}

// await decides about paths where there is no mail: if mail was read from one before, it is away and that is said; else it has
// not come yet, and that is quiet. ok is false where there is nothing to read.
func (n *night) await(absent []string, cfg *analyzer.Config) (ok bool, err error) {
	for _, path := range absent {
		if n.held(path) {
			n.away = append(n.away, path)
		}
	}
	if len(cfg.Paths) == 0 && len(n.away) > 0 {
		if err := n.p.checkPaths(n.away); err != nil {
			return false, err
		}
		return false, analyzer.ErrNothing
	}
	u := n.p.ui
	for _, path := range absent {
		switch {
		case slices.Contains(n.away, path):
			u.say(u.tr("there is no mail in %s, where there was: is its disk there? The rest is read, and what did not come is not told", "%s にあったメールが見つかりません。ディスクの接続をご確認ください。ほかのメールだけを読み、届いていないことのお知らせは行いません"), path)
		case isTerminal(u.err):
			u.say(u.tr("there is no mail in %s yet: check the spelling", "%s にはまだメールがありません。つづりをご確認ください"), path)
		}
	}
	if len(cfg.Paths) == 0 {
		n.notes()
	}
	return len(cfg.Paths) > 0, nil
}

// held reports whether mail of a source is in the state.
func (n *night) held(path string) bool {
	abs, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	src := n.store.Root.Sources[abs]
	return src != nil && len(src.Blocks) > 0
}
