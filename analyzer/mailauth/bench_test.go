package mailauth

import (
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message"
)

func BenchmarkRead(b *testing.B) {
	h := message.ParseHeader([]byte(gmailInner+gmailSES+gmailPass+sesRest+amazonFrom+"\n"), limit.Default())
	b.ReportAllocs()
	for b.Loop() {
		Read(&h)
	}
}

func BenchmarkAssess(b *testing.B) {
	f := read(sesFields + gmailInner + gmailSES + gmailPass + sesRest + amazonFrom)
	brands := brand.Builtin()
	for name, p := range map[string]*fact.Profile{"table": {}, "learned": learned("google.com", "mx.google.com", Below)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Assess(f, p, brands)
			}
		})
	}
}
