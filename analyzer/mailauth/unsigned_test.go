package mailauth

import (
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/fact"
)

// A replayed message whose signature leaves its text open is nobody's word, whoever says that the signature is good.
func TestReplayOfOpenSignature(t *testing.T) {
	whole := []string{"from", "subject", "date"}
	for _, c := range []struct {
		say     string
		sig     fact.Signature
		spf     string
		believe bool
	}{
		{"everything is signed", fact.Signature{Domain: "amazon.co.jp", Signed: whole}, "", true},
		{"l= leaves the end of the body open", fact.Signature{Domain: "amazon.co.jp", Signed: whole, Length: true}, "", false},
		{"the subject is not signed", fact.Signature{Domain: "amazon.co.jp", Signed: []string{"from", "date"}}, "", false},
		{"the brand's own host sent it", fact.Signature{Domain: "amazon.co.jp", Signed: whole, Length: true}, "pass", true},
		{"a stranger's signature says nothing", fact.Signature{Domain: "example.org", Length: true}, "", true},
	} {
		a := assessor{fact: &fact.Fact{Signatures: []fact.Signature{c.sig}}, domain: "amazon.co.jp", brands: brand.Builtin()}
		a.OneFrom = true
		a.brand, _, _ = a.brands.Lookup(a.domain)
		a.SPF, a.MailFrom = c.spf, "amazon.co.jp"
		if a.unsigned() == c.believe {
			t.Errorf("%s: unsigned is %v", c.say, !c.believe)
		}
	}
}
