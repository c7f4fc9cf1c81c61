package mailbox

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/content"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/maildir"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/readstate"
)

// isMaildir reports whether a folder is a Maildir: it has cur, and new or tmp beside it.
func isMaildir(entries []fs.DirEntry) bool {
	has := func(name string) bool {
		return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.IsDir() && e.Name() == name })
	}
	return has("cur") && (has("new") || has("tmp")) || has("new") && has("tmp")
}

// maildir reads a Maildir: new, cur, and the folders beside them. tmp holds what is being delivered.
func (f *folder) maildir(entries []fs.DirEntry) error {
	var keywords maildir.Keywords
	b := f.w.bundle(f.self(), f.self(), "maildir")
	beside, err := f.w.summaryOf(f.dir, []string{summaryName(f.self()[0])})
	if err != nil {
		return err
	}
	f.w.beside = beside
	defer func() { f.w.beside = summary{} }()
	var others []fs.DirEntry
	for _, e := range entries {
		if !e.IsDir() {
			others = append(others, e)
		}
		if e.Name() == "dovecot-keywords" && e.Type().IsRegular() {
			if data, err := os.ReadFile(filepath.Join(f.dir, e.Name())); err == nil {
				keywords = maildir.ParseKeywords(data)
			}
		}
	}
	if err := f.maildirMessages(b, entries, keywords); err != nil {
		return err
	}
	if err := b.flush(); err != nil {
		return err
	}
	if err := f.files(others); err != nil {
		return err
	}
	if err := f.beingDelivered(); err != nil {
		return err
	}
	return f.folders(entries, []string{"cur", "new", "tmp"})
}

// maildirMessages reads cur and new. Whatever lies there is a message.
//
// Mail programs rename messages while we read: what was new moves to cur, and a changed flag changes the name. So new is
// listed before cur, which no message leaves unseen, and one that is gone by its name is looked for by the unique part of
// it, in one more look at both folders.
func (f *folder) maildirMessages(b *bundle, entries []fs.DirEntry, keywords maildir.Keywords) error {
	var boxes [2]*folder
	var lists [2][]fs.DirEntry
	for i, sub := range []string{"new", "cur"} {
		if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.IsDir() && e.Name() == sub }) {
			continue
		}
		boxes[i] = f.enter(sub)
		boxes[i].moves = true
		f.w.busy.lists(boxes[i])
		var err error
		if lists[i], err = boxes[i].list(); err != nil {
			return err
		}
	}
	gone := map[string]bool{}
	for _, i := range []int{1, 0} {
		for _, e := range lists[i] {
			err := boxes[i].maildirMessage(b, e, i == 0, keywords)
			if errors.Is(err, errGone) {
				gone[maildir.ParseName(e.Name()).Unique] = true
			} else if err != nil {
				return err
			}
		}
	}
	if len(gone) == 0 {
		return nil
	}
	for _, e := range lists[1] {
		if u := maildir.ParseName(e.Name()).Unique; gone[u] && !boxes[1].absent(e) {
			delete(gone, u) // it moved from new to cur between the two lists, and was read there
		}
	}
	return f.moved(b, gone, keywords)
}

func (f *folder) absent(e fs.DirEntry) bool {
	_, err := os.Lstat(filepath.Join(f.dir, e.Name()))
	return err != nil
}

// maildirMessage reads one message; errGone where it is no longer there.
func (f *folder) maildirMessage(b *bundle, e fs.DirEntry, isNew bool, keywords maildir.Keywords) error {
	err := f.maildirEntry(b, e, isNew, keywords)
	if err == nil {
		f.w.busy.read(maildir.ParseName(e.Name()).Unique)
	}
	return err
}

func (f *folder) maildirEntry(b *bundle, e fs.DirEntry, isNew bool, keywords maildir.Keywords) error {
	if err := f.w.ctx.Err(); err != nil {
		return err
	}
	if e.IsDir() {
		return f.w.skipped(f.path(e.Name()), 0, "folder_in_maildir")
	}
	read := maildir.ParseName(e.Name()).Read(isNew, keywords)
	if f.w.beside.Summary != nil {
		read = readstate.Join(f.w.beside.Named(e.Name()), read)
	}
	if u := f.recall(e, readHash(read)); u != nil && u.Box == nil {
		return f.reuseMessage(b, u, e.Name())
	}
	x, err := f.open(e)
	if err != nil || x == nil {
		return err
	}
	f.w.enter(x, f.name(e.Name()), readHash(read))
	x.settled()
	if kind := x.stored(f.head); kind != "" {
		return f.done(x, true, f.w.stored(b, x, kind, read))
	}
	return f.done(x, true, f.w.message(b, x, content.Eml, read))
}

// stored is what the file of a message is stored as, "" for the message itself. head is room to read in; nearly all files
// show it by their first bytes.
func (x *file) stored(head []byte) content.Kind {
	const first = 16
	b, err := x.peek(head[:first])
	if err != nil {
		return ""
	}
	kind := content.Stored(b)
	if kind == "" {
		return ""
	}
	if b, err = x.peek(head); err != nil {
		return ""
	}
	if kind = content.Stored(b); kind != content.Zeroed {
		return kind
	}
	if n, err := x.zeros(); err != nil || n < x.st.Size() {
		return "" // there is something behind them
	}
	return content.Zeroed
}

// stored adds a message whose file is not the message but holds it, compressed as Dovecot and chatmail do, or says what is
// lost. As with other compressed files, offsets count inflated bytes.
func (w *walk) stored(b *bundle, x *file, kind content.Kind, read *finding.Read) error {
	before := w.count
	if advice := kind.Advice(); advice != "" {
		w.count.Bytes += x.st.Size()
		w.count.Problem += x.st.Size()
		return w.problem(w.location(x.path, 0, x.st.Size()), "archive", advice, true)
	}
	w.expanded, w.members = 0, 0
	w.allowed = max(w.cfg.Limits.ArchiveRatioFloor, w.cfg.Limits.ArchiveRatio*x.st.Size())
	r, done, err := decoded(x, kind)
	if err != nil {
		w.count.Bytes += x.st.Size()
		w.count.Problem += x.st.Size()
		return w.damage(x.path, 0, err)
	}
	defer done()
	s := &stream{path: x.path, name: filepath.Base(x.name), size: -1, r: &meter{w: w, r: r}}
	if err := w.oneMessage(b, s, content.Eml, read); err != nil {
		return err
	}
	return w.balance(before, x.path)
}

// moved reads the messages whose names changed since they were listed, and reports those that are gone.
func (f *folder) moved(b *bundle, gone map[string]bool, keywords maildir.Keywords) error {
	for _, sub := range []string{"cur", "new"} {
		box := f.enter(sub)
		box.moves = true
		entries, err := os.ReadDir(box.dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			u := maildir.ParseName(e.Name()).Unique
			if !gone[u] || e.IsDir() {
				continue
			}
			switch err := box.maildirMessage(b, e, sub == "new", keywords); {
			case err == nil:
				delete(gone, u)
			case !errors.Is(err, errGone):
				return err
			}
		}
	}
	for u := range gone {
		f.w.busy.gone = append(f.w.busy.gone, absent{f, u})
	}
	return nil
}

// beingDelivered names what lies in tmp as skipped: mail programs write there and move the file to new when it is whole.
func (f *folder) beingDelivered() error {
	tmp := f.enter("tmp")
	entries, err := os.ReadDir(tmp.dir)
	if err != nil || len(entries) == 0 {
		return nil
	}
	var size int64
	for _, e := range entries {
		if st, err := e.Info(); err == nil && st.Mode().IsRegular() {
			size += st.Size()
		}
	}
	f.w.count.Size += size
	f.w.count.Bytes += size
	f.w.count.Skipped += size
	f.w.sink.Progress(size)
	return f.w.skipped(tmp.self(), size, beingDelivered)
}
