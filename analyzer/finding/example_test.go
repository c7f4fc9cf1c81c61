package finding_test

import (
	"fmt"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// A saved stream is read by index: only what is asked for is decoded.
func ExampleOpen() {
	const stream = `{"config":{"protocol":"1","version":"0.1.0","rules_digest":""}}
{"summary":{"messages":2,"verdicts":{"genuine":1,"impersonation":1},"complete":true}}
{"message":{"id":"m-1","subject":"Your order","verdict":"genuine"}}
{"message":{"id":"m-2","subject":"Your account is locked","verdict":"impersonation"}}
`
	f, err := finding.Open(strings.NewReader(stream), int64(len(stream)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Summary().Messages, "messages,", f.Len(), "of them told")
	err = f.Messages(func(i int, m *finding.Message) error {
		if m.Verdict == finding.Impersonation {
			fmt.Println("fake:", m.Subject)
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// 2 messages, 2 of them told
	// fake: Your account is locked
}
