package analyzer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// A scan writes the record stream; reports and other programs read it.
func ExampleScan() {
	var stream bytes.Buffer
	result, err := analyzer.Scan(context.Background(), analyzer.Config{Paths: []string{"../samples/takeover/input"}}, &stream)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("most serious:", result.Worst)

	f, err := finding.Open(bytes.NewReader(stream.Bytes()), int64(stream.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, i := range f.Incidents() {
		fmt.Println(i.Kind, i.Severity)
	}
	// Output:
	// most serious: critical
	// account_takeover critical
}

func ExampleScan_incomplete() {
	_, err := analyzer.Scan(context.Background(), analyzer.Config{}, nil)
	fmt.Println(errors.Is(err, analyzer.ErrConfig), err)
	// Output: true incomplete configuration: Paths names no mail
}
