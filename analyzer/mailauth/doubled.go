package mailauth

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/message"
)

// once are the fields that a message has at most one of (RFC 5322 §3.6, RFC 2045), and that decide what a reader sees.
// Whoever holds a genuine message can put a second one on top of it: the signature covers the lower one and stays good,
// and mail programs show the upper one.
var once = [...]string{"Subject", "Date", "To", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}

// doubledMost is how many bytes of a value are kept.
const doubledMost = 200

// Doubled lists the fields of a header that stand in it more than once and may not.
func Doubled(h *message.Header) (out []fact.Doubled) {
	for _, name := range once {
		first, last, n := -1, -1, 0
		for i := range h.Fields {
			if h.Fields[i].Is(name) {
				if n == 0 {
					first = i
				}
				last = i
				n++
			}
		}
		if n > 1 {
			value := func(i int) string {
				return cutRaw(strings.TrimSpace(message.DecodeHeader(h.Fields[i].Value())), doubledMost)
			}
			out = append(out, fact.Doubled{Name: name, First: value(first), Last: value(last)})
		}
	}
	return out
}
