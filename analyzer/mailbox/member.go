package mailbox

import (
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/content"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/maildir"
)

// read reads an archive member, or what a compressed file holds. name is its path in the archive. What goes wrong
// inside it is reported here; an error that is returned ends the walk.
func (c *contents) read(s *stream, name string) error {
	before := c.w.count
	n, err := io.ReadFull(s.r, c.head)
	head := c.head[:n]
	rest := s.r
	var broken error
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		rest = failing{io.EOF}
	} else if err != nil {
		rest, broken = failing{err}, err
	}
	s.r = io.MultiReader(bytes.NewReader(head), rest)
	whole := err != nil
	err = c.dispatch(s, head, whole, broken, name)
	if stop := c.w.stop(err); stop != nil {
		return sinkError{stop}
	}
	if err != nil {
		if err := c.w.damage(s.path, c.w.count.Bytes-before.Bytes, err); err != nil {
			return err
		}
	}
	return c.w.balance(before, s.path)
}

// dispatch reads a member by what it holds. whole is set where head is all of it, broken where it ends in that error.
func (c *contents) dispatch(s *stream, head []byte, whole bool, broken error, name string) error {
	kind := content.Of(head, path.Base(s.name))
	dir, box := maildirOf(name)
	box = box && isMessage(kind, s.name)
	if kind == content.Eml || kind == content.Emlx || box {
		// What a header says of the size is not believed.
		if s.size = -1; whole {
			s.size = int64(len(head))
		}
	}
	if box {
		return c.message(s, content.Eml, dir, name)
	}
	switch {
	case kind == content.Eml || kind == content.Emlx:
		return c.message(s, kind, path.Dir(name), "")
	case isArchive(kind):
		if err := c.flush(); err != nil {
			return err
		}
		if c.squeezed && kind != content.Tar {
			return c.w.archive(s, kind, c.depth+1)
		}
		return c.w.archive(s, kind, c.depth)
	case kind == content.Mbox:
		if err := c.flush(); err != nil {
			return err
		}
		return c.w.mbox(s)
	}
	if broken != nil {
		// What it was can't be told from what is left of it: it may have been mail.
		c.w.count.Bytes += int64(len(head))
		c.w.count.Problem += int64(len(head))
		return broken
	}
	if path.Base(name) == "dovecot-keywords" && len(c.keywords) < 1000 {
		c.keywords[path.Dir(name)] = maildir.ParseKeywords(head)
	}
	if s.size < 0 {
		// The length of what a compressed file holds is known only by inflating it.
		n, err := io.Copy(io.Discard, s.r)
		s.size = n
		if err != nil {
			c.w.count.Bytes += n
			c.w.count.Problem += n
			return err
		}
	}
	return c.w.leaf(s, kind)
}

// isMessage reports whether a member of a folder named cur or new is a message: by its content, or by its name where the
// content is damaged. Other things have folders of these names too.
func isMessage(kind content.Kind, name string) bool {
	switch kind {
	case content.Eml, content.Mbox:
		return true
	case content.NotMail:
		return maildir.ParseName(name).Info
	}
	return false
}

// maildirOf reports whether a member lies in the new or cur of a Maildir, and of which.
func maildirOf(name string) (dir string, ok bool) {
	switch sub := path.Dir(name); path.Base(sub) {
	case "new":
		return path.Dir(sub), true
	case "cur":
		return path.Dir(sub), true
	}
	return "", false
}

// message reads a member that is one message. inMaildir is its path where it lies in a Maildir.
func (c *contents) message(s *stream, kind content.Kind, dir, inMaildir string) error {
	var read *finding.Read
	label := string(kind)
	if file := maildir.ParseName(s.name); inMaildir != "" {
		label = "maildir"
		read = file.Read(path.Base(path.Dir(inMaildir)) == "new", c.keywords[dir])
	} else if file.Info {
		read = file.Read(false, maildir.Keywords{})
	}
	where := c.path
	if dir != "." && dir != "/" && dir != "" {
		where = c.member(dir)
	}
	if c.bundle == nil || strings.Join(c.bundle.path, "!") != strings.Join(where, "!") || c.bundle.kind != label {
		if err := c.flush(); err != nil {
			return err
		}
		c.bundle = c.w.bundle(where, where, label)
	}
	return c.w.oneMessage(c.bundle, s, kind, read)
}

// failing is a reader that has nothing but an error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
