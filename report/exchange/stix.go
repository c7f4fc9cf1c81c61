package exchange

import (
	"bufio"
	"context"
	"io"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

// observables is the namespace of the ids of STIX cyber-observables, STIX 2.1 §2.9.
const observables = "00abedb4-aa42-466c-9c01-fed23315a9b7"

// stixObject is any object; its keys come out sorted.
type stixObject map[string]any

// bundle gathers objects, each once.
type bundle struct {
	objects []stixObject
	seen    map[string]bool
	created string
	by      string
}

func (b *bundle) add(o stixObject) string {
	id := o["id"].(string)
	if !b.seen[id] {
		b.seen[id] = true
		b.objects = append(b.objects, o)
	}
	return id
}

// observable adds a cyber-observable, whose id is made from the properties that identify it.
func (b *bundle) observable(kind string, identify, more stixObject) (string, error) {
	name, err := marshal(identify)
	if err != nil {
		return "", err
	}
	o := stixObject{"type": kind, "spec_version": "2.1", "id": kind + "--" + uuid5(observables, string(name))}
	for _, from := range []stixObject{identify, more} {
		for k, v := range from {
			o[k] = v
		}
	}
	return b.add(o), nil
}

// domain adds an object that is made, by us.
func (b *bundle) domain(kind, name string, o stixObject) string {
	o["type"], o["spec_version"], o["id"] = kind, "2.1", kind+"--"+uuid5(own, kind+" "+name)
	o["created"], o["modified"] = b.created, b.created
	if kind != "identity" {
		o["created_by_ref"] = b.by
	}
	return b.add(o)
}

// WriteSTIX writes a STIX 2.1 bundle: each fake as an email message that was observed, with its addresses, hosts and URLs, and
// an indicator for each host it leads to.
func WriteSTIX(ctx context.Context, f *finding.File, w io.Writer, opt view.Options) error {
	return write(ctx, f, w, opt, "stix", func(r *view.Report, buf *bufio.Writer) error {
		b := &bundle{seen: map[string]bool{}, created: stixTime(made(r))}
		b.by = b.domain("identity", tool, stixObject{"name": tool, "identity_class": "system"})
		var all strings.Builder
		err := fakes(ctx, r, func(m *finding.Message) error {
			all.WriteString(m.ID + m.SHA256.String())
			return b.message(m)
		})
		if err != nil {
			return err
		}
		list, err := indicators(ctx, r)
		if err != nil {
			return err
		}
		for _, x := range list {
			b.indicator(r, x)
		}
		out, err := marshal(stixObject{"type": "bundle", "id": "bundle--" + uuid5(own, "bundle "+all.String()), "objects": b.objects})
		if err != nil {
			return err
		}
		_, err = buf.Write(append(out, '\n'))
		return err
	})
}

// message adds one fake and what it holds.
func (b *bundle) message(m *finding.Message) error {
	identify, more := stixObject{"subject": plain(m.Subject)}, stixObject{"is_multipart": len(m.Attachments) > 0}
	if m.Subject == "" {
		delete(identify, "subject")
	}
	var refs []string
	mail := func(a *finding.Address) (string, error) {
		value, ok := address(a.Address)
		if !ok {
			return "", nil
		}
		named := stixObject{}
		if n := plain(a.Name); n != "" {
			named["display_name"] = n
		}
		id, err := b.observable("email-addr", stixObject{"value": value}, named)
		refs = append(refs, id)
		return id, err
	}
	if m.From != nil {
		id, err := mail(m.From)
		if err != nil {
			return err
		}
		if id != "" {
			identify["from_ref"] = id
		}
	}
	var to []string
	for k := range m.To {
		if k == 10 {
			break
		}
		id, err := mail(&finding.Address{Address: m.To[k].Address})
		if err != nil {
			return err
		}
		if id != "" {
			to = append(to, id)
		}
	}
	if len(to) > 0 {
		more["to_refs"] = to
	}
	if id := view.WholeMessageID(m); id != "" {
		more["message_id"] = "<" + id + ">"
	}
	if m.HeaderDate != nil {
		more["date"] = stixTime(*m.HeaderDate)
	}
	if len(identify) == 0 { // nothing that would make an id: the digest does
		identify["subject"] = m.SHA256.String()
	}
	id, err := b.observable("email-message", identify, more)
	if err != nil {
		return err
	}
	refs = append(refs, id)
	for k, l := range m.Links {
		if k == maxLinks || l.Official {
			continue
		}
		if h, ok := host(l.Host); ok {
			id, err := b.observable("domain-name", stixObject{"value": h}, nil)
			if err != nil {
				return err
			}
			refs = append(refs, id)
		}
		if u, ok := webURL(target(l)); ok {
			id, err := b.observable("url", stixObject{"value": u}, nil)
			if err != nil {
				return err
			}
			refs = append(refs, id)
		}
	}
	if a, ok := client(m); ok {
		kind := "ipv4-addr"
		if a.Is6() {
			kind = "ipv6-addr"
		}
		id, err := b.observable(kind, stixObject{"value": a.String()}, nil)
		if err != nil {
			return err
		}
		refs = append(refs, id)
	}
	seen := b.created
	if m.Time != nil {
		seen = stixTime(*m.Time)
	}
	b.domain("observed-data", m.ID+m.SHA256.String(), stixObject{
		"first_observed": seen, "last_observed": seen, "number_observed": 1, "object_refs": unique(refs), "labels": []string{"phishing"},
		"external_references": []stixObject{{"source_name": tool, "external_id": plain(m.ID), "description": "SHA-256 " + m.SHA256.String()}},
	})
	return nil
}

// indicator adds what a fake can be known by as a pattern.
func (b *bundle) indicator(r *view.Report, x *indicator) {
	path := map[string]string{"domain": "domain-name:value", "url": "url:value", "email-src": "email-message:from_ref.value"}[x.kind]
	if path == "" || x.links == 0 && x.kind == "domain" {
		return // an address of a server is nobody's for long, and a domain that only sent may be its owner's
	}
	from := b.created
	if !x.first.IsZero() {
		from = stixTime(x.first)
	}
	quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(x.value)
	b.domain("indicator", x.kind+" "+x.value, stixObject{
		"name": x.value, "description": r.Say("exchange.indicator", "n", x.count), "indicator_types": []string{"malicious-activity"},
		"pattern": "[" + path + " = '" + quoted + "']", "pattern_type": "stix", "pattern_version": "2.1", "valid_from": from,
	})
}

func unique(list []string) (out []string) {
	seen := map[string]bool{}
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
