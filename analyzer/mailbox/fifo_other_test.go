//go:build !unix

package mailbox

import "testing"

func fifo(t *testing.T, _ string) {
	t.Helper()
	t.Skip("no FIFO on this system")
}
