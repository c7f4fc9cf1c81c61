package jsonl

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/reporttest"
	"github.com/mailaudit/mailaudit/report/view"
)

// kinds are the keys of a stream's lines, in order.
func kinds(stream []byte) []string {
	var list []string
	for line := range strings.Lines(string(stream)) {
		key, _, _ := strings.Cut(line, ":")
		list = append(list, key)
	}
	return list
}

// A masked stream has its messages and problems where the true one has them.
func TestMaskedOrder(t *testing.T) {
	lines := strings.SplitAfter(string(reporttest.Private().Bytes()), "\n")
	var head, body []string
	for _, line := range lines {
		switch {
		case strings.HasPrefix(line, `{"message"`):
			body = append(body, line, `{"problem":{"location":{"path":["x"],"offset":1,"length":2},"stage":"mime","reason":"r","lost":false}}`+"\n")
		case line != "" && !strings.HasPrefix(line, `{"problem"`):
			head = append(head, line)
		}
	}
	stream := []byte(strings.Join(append(head, body...), ""))
	f, err := finding.Open(bytes.NewReader(stream), int64(len(stream)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Write(context.Background(), f, &out, view.Options{Lang: view.EN, Zone: reporttest.Tokyo, Redact: true}); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(kinds(out.Bytes()), " "), strings.Join(kinds(stream), " "); got != want {
		t.Errorf("the masked stream has\n%s\nwant\n%s", got, want)
	}
}
