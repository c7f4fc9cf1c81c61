package message

import "github.com/mailaudit/mailaudit/analyzer/mailbox/mboxfile"

// unquote undoes the quoting of From_ lines of a message from an mbox. A message that cannot be unquoted is read as it
// stands: a ">" too many hides nothing.
func unquote(raw []byte) []byte {
	plain, err := mboxfile.Body(raw)
	if err != nil {
		return raw
	}
	return plain
}
