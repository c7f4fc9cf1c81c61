package mailbox

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/mailbox/mboxfile"
)

// ending is a Sink that is told what an mbox showed.
type ending struct {
	found
	quoting map[string]mboxfile.Quoting
}

func (e *ending) End(m *Mailbox, q mboxfile.Quoting) error {
	e.quoting[strings.Join(m.Path, "!")] = q
	return nil
}

// TestEnder: what stands far behind the first messages is told at the end of the mailbox.
func TestEnder(t *testing.T) {
	filler := strings.Repeat(line1+mailA+strings.Repeat("text\n", 2000)+"\n", 200) // 2 MB: more than is looked at beforehand
	dir := writeTree(t, map[string]string{
		"quoted": filler + line2 + mailB + ">From here\n", "unquoted": filler + line2 + mailB + "From here on\n", "neither": filler,
	})
	e := ending{quoting: map[string]mboxfile.Quoting{}}
	for name, want := range map[string]mboxfile.Quoting{"quoted": {Quoted: true}, "unquoted": {Unquoted: true}, "neither": {}} {
		src, err := Open(filepath.Join(dir, name), 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Walk(t.Context(), src, Config{Limits: limits()}, &e); err != nil {
			t.Fatal(err)
		}
		if e.quoting[name] != want {
			t.Errorf("%s showed %+v, want %+v", name, e.quoting[name], want)
		}
	}
}
