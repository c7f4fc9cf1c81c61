package message

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/limit/growth"
)

// TestNestedUnclosed: multiparts in one another, none of them closed, end: a second reader doubles its work with each level.
func TestNestedUnclosed(t *testing.T) {
	var b strings.Builder
	b.WriteString("From: a@example.net\n")
	for i := range 31 {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=B%d\n\n--B%d\n", i, i)
	}
	m := Parse([]byte(b.String()+"\nwords\n"), Options{})
	if !strings.Contains(m.Text, "words") || !hasDefect(m, StructureBypass) {
		t.Errorf("%q, %v", m.Text, m.Defects)
	}
}

func hasDefect(m *Message, kind string) bool {
	return slices.ContainsFunc(m.Defects, func(d Defect) bool { return d.Kind == kind })
}

// TestLinear: what a sender can repeat without end costs in proportion to its length.
func TestLinear(t *testing.T) {
	html := "Content-Type: text/html\n"
	for _, c := range []struct {
		name  string
		small int
		raw   func(n int) string
	}{
		{"parts", 2000, func(n int) string {
			return mail("Content-Type: multipart/mixed; boundary=BB\n", strings.Repeat("--BB\n\nx\n", n)+"--BB--\n")
		}},
		{"messages in one another", 500, func(n int) string {
			return strings.Repeat("From: a@example.net\nContent-Type: message/rfc822\n\n", n) + "Subject: x\n\nwords\n"
		}},
		{"dashes that might become a boundary line", 100_000, func(n int) string {
			return mail("Content-Type: multipart/mixed; boundary=\""+strings.Repeat("-", 70)+"\"\n", strings.Repeat("-", n)+"\nx")
		}},
		{"header fields", 2000, func(n int) string { return strings.Repeat("X-Field: value\n", n) + "\nbody" }},
		{"folded lines of one field", 2000, func(n int) string { return "Subject: x" + strings.Repeat("\n y", n) + "\n\nbody" }},
		{"unfinished encoded-words", 5000, func(n int) string { return "Subject: " + strings.Repeat("=?utf-8?q?", n) + "\n\nx" }},
		{"address signs", 5000, func(n int) string { return "From: " + strings.Repeat("\"(<:;,", n) + "\n\nx" }},
		{"comments in one another", 5000, func(n int) string { return "From: " + strings.Repeat("(", n) + "\n\nx" }},
		{"parameters", 5000, func(n int) string { return "Content-Type: text/plain" + strings.Repeat(";a*0=\"", n) + "\n\nx" }},
		{"continued parameters", 2000, func(n int) string {
			return "Content-Type: text/plain" + strings.Repeat("; name*1=a", n) + "\n\nx"
		}},
		{"extended parameters", 500, func(n int) string {
			return "Content-Type: text/plain" + strings.Repeat("; name*0*=a", n) + "\n\nx"
		}},
		{"parameters without semicolons", 2000, func(n int) string { return "Content-Type: text/plain" + strings.Repeat(" a=b", n) + "\n\nx" }},
		{"commands of enriched text", 5000, func(n int) string { return mail("Content-Type: text/enriched\n", strings.Repeat("<a", n)) }},
		{"nested elements", 5000, func(n int) string { return mail(html, strings.Repeat("<div>", n)+"words") }},
		{"hidden elements", 2000, func(n int) string {
			return mail(html, strings.Repeat("<div style=\"display:none\">", n)+"words")
		}},
		{"unclosed tables and stray ends", 2000, func(n int) string {
			return mail(html, strings.Repeat("<div><table><td><i>", n)+strings.Repeat("</div>", n)+"words")
		}},
		{"unfinished tags", 5000, func(n int) string { return mail(html, strings.Repeat("<a href=\"", n)) }},
		{"unfinished comments", 5000, func(n int) string { return mail(html, strings.Repeat("<!--", n)) }},
		{"character references", 5000, func(n int) string { return mail(html, strings.Repeat("&#x", n)+strings.Repeat("&am", n)) }},
		{"selectors of a style sheet", 2000, func(n int) string {
			return mail(html, "<style>"+strings.Repeat("a,", n)+"{x:y}"+strings.Repeat("@media x{", n)+"</style>words")
		}},
		{"links", 500, func(n int) string { return mail("", manyLinks(n)) }},
		{"uuencoded beginnings", 2000, func(n int) string { return mail("", strings.Repeat("begin 644 a\n", n)) }},
	} {
		growth.Linear(t, c.name, c.small, 16*c.small, func(n int) func() {
			raw := []byte(c.raw(n))
			return func() { Parse(raw, Options{}) }
		})
	}
}
