package mailbox

import (
	"encoding/binary"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/readstate"
)

// summaryName is the name of the file in which Thunderbird keeps the state of a folder, beside the folder's own file or
// Maildir.
func summaryName(folder string) string { return folder + ".msf" }

// summary is what stands beside a mailbox about its messages.
type summary struct {
	*readstate.Summary        // nil where there is none that can be read
	context            uint64 // changes when the file does; 0 where there is none
}

// summaryOf reads the summary beside a folder's file or Maildir of that name. path is the location of the summary. What
// can't be read of it is a problem: the state of the messages is unknown then, but no mail is lost.
func (w *walk) summaryOf(name string, path []string) (s summary, err error) {
	name = summaryName(name)
	st, err := os.Stat(name)
	if err != nil || !st.Mode().IsRegular() {
		return summary{}, nil
	}
	s.context = stampHash(st)
	if st.Size() > readstate.SummaryMost {
		return s, w.problem(w.location(path, 0, st.Size()), "limit", "the summary of the folder is too long; what was read is unknown", false)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return s, w.problem(w.location(path, 0, st.Size()), "io", plain(err), false)
	}
	if len(data) == 0 {
		return s, nil // Thunderbird makes it so before it writes it
	}
	parsed, whole, err := readstate.ParseSummary(data)
	switch {
	case err != nil:
		return s, w.problem(w.location(path, 0, st.Size()), "io", "the summary of the folder can't be read; what was seen is unknown", false)
	case !whole:
		err = w.problem(w.location(path, 0, st.Size()), "io", "the summary of the folder is damaged; what it says before that counts", false)
	}
	s.Summary = parsed
	return s, err
}

// stampHash is a hash of what tells that a file changed.
func stampHash(st fs.FileInfo) uint64 {
	h := fnv.New64a()
	s := Stamp(st)
	for _, n := range []int64{s.Size, s.Modified, int64(s.Inode), s.Changed} {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], uint64(n))
		h.Write(b[:])
	}
	return h.Sum64() | 1 // 0 is none
}

// elsewhere reports whether the messages of a mailbox don't hold their state: Thunderbird's store of an IMAP account,
// where every message says "X-Mozilla-Status: 0001".
func (w *walk) elsewhere(path []string) bool {
	const store = "ImapMail"
	abs, err := filepath.Abs(w.src.Path)
	if err == nil && slices.Contains(strings.Split(filepath.ToSlash(abs), "/"), store) {
		return true
	}
	return slices.ContainsFunc(path, func(p string) bool {
		return slices.Contains(strings.Split(evidence.UnescapeName(p), "/"), store)
	})
}

// stateFile reports whether a file holds no mail, but what was read and answered of the mail beside it: what is said of
// the mail depends on its bytes too.
func stateFile(name string) bool {
	switch name {
	case "dovecot-keywords", sequencesName, ".sylpheed_mark", ".claws_mark":
		return true
	}
	return strings.EqualFold(filepath.Ext(name), ".msf") || readstate.IsCard(name)
}
