package detect

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// An alias service hides its user's address, and so puts its own in the place of the sender's. It keeps the original in
// a form of its own.
var (
	// Hide My Email: bestellung_at_example_com_0a1b2c_3d4e5f@privaterelay.appleid.com; dots are written "_".
	appleForm = lazily(`^(.+)_at_(.+)_[0-9a-z]+_[0-9a-z]+$`)
	// DuckDuckGo: bestellung_at_example.com_user@duck.com.
	duckForm = lazily(`^(.+)_at_([a-z0-9.-]+\.[a-z]+)_[^_@]+$`)
	// addy.io: alias+bestellung=example.com@anonaddy.me.
	plusForm = lazily(`^[^+]+\+(.+)=([a-z0-9.-]+)$`)
	// SimpleLogin and Firefox Relay write it into the display name: "Shop - bestellung at example.com",
	// "bestellung@example.com [via Relay]".
	nameForm = lazily(`([A-Za-z0-9._+-]+)(?: at |\(a\)|@)([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)`)
)

// alias decodes the original sender where an alias service wrote From.
func alias(s *scene) {
	if s.host == "" || len(s.from.Address) > 512 || len(s.from.Name) > 1024 {
		return
	}
	for _, a := range s.t.alias {
		if !hostname.Under(s.host, a.Name) {
			continue
		}
		local, host := decodeAlias(a.Form, s.from, s.m.ReplyTo)
		if host == "" {
			return
		}
		host, _ = hostname.ASCII(host)
		s.original = finding.Address{Name: s.from.Name, Address: local + "@" + host}
		s.from.Address = s.original.Address
		s.local, s.host = script.Fold(local), host
		s.add("context.alias", s.m.From[0].Address+" → "+s.original.Address)
		// Only an official sender behind an alias is a reason not to judge; any other is judged as if it had written.
		if _, _, ok := s.officialSender(host); ok {
			s.out.Alias = s.original.Address
		}
		return
	}
}

func decodeAlias(form string, from finding.Address, reply []finding.Address) (local, host string) {
	at := strings.LastIndexByte(from.Address, '@')
	l := strings.ToLower(from.Address[:at])
	switch form {
	case "apple":
		if m := appleForm().FindStringSubmatch(l); m != nil {
			return m[1], strings.ReplaceAll(m[2], "_", ".")
		}
	case "duck":
		if m := duckForm().FindStringSubmatch(l); m != nil {
			return m[1], m[2]
		}
	case "plus":
		if m := plusForm().FindStringSubmatch(l); m != nil {
			return m[1], m[2]
		}
	case "name":
		if m := nameForm().FindStringSubmatch(from.Name); m != nil {
			return strings.ToLower(m[1]), strings.ToLower(m[2])
		}
		for _, r := range reply {
			if m := nameForm().FindStringSubmatch(r.Name); m != nil {
				return strings.ToLower(m[1]), strings.ToLower(m[2])
			}
		}
	}
	return "", ""
}

// ParseAlias decodes the address that an alias service put in the place of a sender's; "" where it is none.
func ParseAlias(a finding.Address) string {
	s := newScene(Input{Message: &message.Message{From: []finding.Address{a}}})
	s.sender()
	for _, e := range s.t.alias {
		if hostname.Under(s.host, e.Name) {
			if local, host := decodeAlias(e.Form, a, nil); host != "" {
				return local + "@" + host
			}
		}
	}
	return ""
}
