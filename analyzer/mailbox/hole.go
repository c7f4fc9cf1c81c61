package mailbox

import (
	"bytes"
	"fmt"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/mboxfile"
)

// Hole tells of zeros in a message that are none of its content: what stood there, the rest of the message and perhaps others,
// was lost on the disk or by a copy. A message that says that it is transferred as binary may hold zeros.
func (x *Extent) Hole() (p finding.Problem, ok bool) {
	at, n := mboxfile.FindHole(x.Data)
	if at < 0 || x.Rebuilt || transferredBinary(x.Data[:at]) {
		return p, false
	}
	p = finding.Problem{
		Location: x.Location, Stage: "io", Lost: true,
		Reason: fmt.Sprintf("%d zeros stand in the message: what was there was lost on the disk or by a copy", n),
	}
	p.Location.Offset += int64(at)
	p.Location.Length -= int64(at)
	return p, true
}

// transferredBinary reports whether b names the content transfer encoding "binary" (RFC 2045 §6.2).
func transferredBinary(b []byte) bool {
	for line := range bytes.Lines(b) {
		name, value, ok := bytes.Cut(line, []byte(":"))
		if ok && bytes.EqualFold(bytes.TrimSpace(name), []byte("Content-Transfer-Encoding")) && bytes.EqualFold(bytes.TrimSpace(value), []byte("binary")) {
			return true
		}
	}
	return false
}
