package records

import "strings"

// ofx reads the transactions of an OFX statement (Open Financial Exchange, versions 1 and 2): each is an element STMTTRN with
// DTPOSTED, TRNAMT and NAME or MEMO. Version 1 is SGML, in which end tags may be left out, so that no parser of XML reads it.
// A charge has a negative amount there.
func (r *reader) ofx(text string, place []string) {
	h := header{format: &Format{Kind: "charge"}, at: map[string]int{"time": 0, "amount": 1, "item": 2, "currency": 3}}
	currency := ofxValue(text, "<CURDEF>")
	r.set.Files = append(r.set.Files, File{Path: place, Kind: "charge"})
	for n := 1; ; n++ {
		_, rest, ok := strings.Cut(text, "<STMTTRN>")
		if !ok {
			return
		}
		one, after, _ := strings.Cut(rest, "</STMTTRN>")
		if i := strings.Index(one, "<STMTTRN>"); i >= 0 { // no end tag: the next one begins
			one, after = one[:i], rest[i:]
		}
		text = after
		when, _, _ := strings.Cut(ofxValue(one, "<DTPOSTED>"), "[")
		when, _, _ = strings.Cut(when, ".")
		amount := ofxValue(one, "<TRNAMT>")
		if charge, ok := strings.CutPrefix(amount, "-"); ok {
			amount = charge
		} else {
			amount = "-" + amount
		}
		name := ofxValue(one, "<NAME>")
		if name == "" {
			name = ofxValue(one, "<MEMO>")
		}
		if !r.row(h, []string{when, amount, name, currency}, place, n) {
			return
		}
	}
}

// ofxValue is what stands behind a tag, up to the next one or the end of the line.
func ofxValue(text, tag string) string {
	i := strings.Index(text, tag)
	if i < 0 {
		return ""
	}
	v := text[i+len(tag):]
	if end := strings.IndexAny(v, "<\r\n"); end >= 0 {
		v = v[:end]
	}
	return strings.TrimSpace(v)
}
