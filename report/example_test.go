package report_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report"
)

// Every format is made from a saved stream alone.
func ExampleOpen() {
	const stream = `{"config":{"protocol":"1","version":"0.1.0","rules_digest":""}}
{"summary":{"messages":1,"verdicts":{"impersonation":1},"complete":true}}
{"message":{"id":"m-2","subject":"Your account is locked","verdict":"impersonation"}}
`
	f, err := finding.Open(strings.NewReader(stream), int64(len(stream)))
	if err != nil {
		fmt.Println(err)
		return
	}
	w, err := report.Open("csv")
	if err != nil {
		fmt.Println(err)
		return
	}
	var table strings.Builder
	if err := w.Write(context.Background(), f, &table, report.Options{Lang: "en"}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.FileName("csv"), strings.Contains(table.String(), "Your account is locked"))
	// Output: report.csv true
}
