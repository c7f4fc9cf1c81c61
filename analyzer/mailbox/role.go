package mailbox

import (
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

func (w *walk) folderRole([]string) finding.Folder { return "" }
