package mailauth

// unsigned reports whether a pass rests on signatures alone, and none of them covers what the reader sees: the subject and
// the date, and the whole body (l= leaves the end of it open, RFC 6376 §8.2). Whoever holds such a message can write
// another text into it and send it from anywhere; the signature stays good. Where SPF passed for the From domain the
// brand's own host sent it, and there nobody came between.
func (a *assessor) unsigned() bool {
	if a.SPF == "pass" && a.aligned(a.MailFrom) {
		return false
	}
	found := false
	for i := range a.fact.Signatures {
		s := &a.fact.Signatures[i]
		if !a.aligned(s.Domain) {
			continue
		}
		if !s.Length && signs(s, "from", "subject", "date") {
			return false
		}
		found = true
	}
	return found
}
