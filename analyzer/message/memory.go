package message

import "github.com/mailaudit/mailaudit/analyzer/message/htmltext"

// Memory is what is remembered from message to message: what styles say. Mail of one sender is written with one template, so
// that most of it was seen before. The zero value is ready; it is not safe for concurrent use.
type Memory struct {
	pages htmltext.Memory
	text  Room
}
