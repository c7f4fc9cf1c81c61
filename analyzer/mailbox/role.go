package mailbox

import (
	"path"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/maildir"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/readstate"
)

// folderRole is what the name of a mailbox says of the mail in it. The source's own name counts only where the mailbox
// has no other.
func (w *walk) folderRole(p []string) finding.Folder {
	var parts []string
	for _, element := range p {
		name := evidence.UnescapeName(element)
		if name == "." {
			name = w.src.Name
		}
		for part := range strings.SplitSeq(name, "/") {
			if sub, ok := maildir.FolderName(part); ok {
				part = sub
			} else {
				part = maildir.DecodeName(part)
			}
			parts = append(parts, part)
		}
	}
	return readstate.Folder(path.Join(parts...))
}
