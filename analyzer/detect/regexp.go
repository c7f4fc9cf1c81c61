package detect

import (
	"regexp"
	"sync"
)

// lazily is a regular expression that is compiled when it is first asked for: most runs of the program read no mail, and
// all of them together take some milliseconds.
func lazily(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
