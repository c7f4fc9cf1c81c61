// Package learn finds out what a mailbox is: whose it is, who received its mail, whom its owner writes to.
//
// Whether a result of authentication can be believed depends on who wrote it, and that only the mailbox as a whole can
// tell: a receiver writes its results on all mail, in one place, under one name, year after year, and a sender who
// forges them can do so only on his own. So every message is counted (Observe), the counts of all workers are merged,
// and from them come the receivers that are believed, the owner's addresses and contacts and the roles of labels
// (Trust).
//
// A mailbox can be told lies by the mail in it. What is learned therefore needs many messages, and what a single one can
// add is small and does not depend on the others.
package learn

import (
	"hash/fnv"
	"net/netip"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
	"github.com/mailaudit/mailaudit/analyzer/mailauth"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/readstate"
	"github.com/mailaudit/mailaudit/analyzer/message"
)

// Observation is one message as Observe sees it.
type Observation struct {
	Group    string
	Folder   finding.Folder // role that the mailbox's name gives it
	Header   *message.Header
	Envelope *fact.Envelope // From_ line; nil outside mbox
}

// Bounds of what one message can add.
const (
	maxRecipients = 50
	maxForms      = 8 // forms of results
	maxAddress    = 254
	maxMessageID  = 998 // RFC 5322 §2.1.1: the longest line
	maxName       = 100 // domains and ids
)

// Observe counts one message. It is called for every message, so it is cheap: it reads the trace down to the boundary,
// the results around it, and a handful of other fields.
func Observe(t *fact.Tally, o Observation) {
	t.Messages++
	g := t.Groups[o.Group]
	g.Messages++
	if o.Envelope != nil {
		t.Styles[fact.StyleKey{Group: o.Group, Style: o.Envelope.Style}]++
	}
	v := view{Observation: o}
	v.status(&g)
	t.Groups[o.Group] = g
	v.hops, v.path, v.results, v.any = mailauth.Glance(o.Header)
	v.clock(t)
	v.labels(t)
	v.receiver(t)
	v.people(t)
}

// view is an observation with what was read of its header.
type view struct {
	Observation
	hops    []fact.Hop
	results []fact.Result
	any     bool // there are results, wherever they stand
	path    mailauth.Path
	year    int
	week    int16
	listed  []string // labels
}

// believable reports whether a clock shows a year in which mail of this kind was sent.
func believable(t time.Time) bool { return t.Year() >= 1990 && t.Year() <= 2199 }

// clock counts when the message came in: by the boundary, or else the From_ line, or else the Date field.
func (v *view) clock(t *fact.Tally) {
	var at time.Time
	if v.path.Boundary >= 0 {
		at = v.hops[v.path.Boundary].Time
	}
	if !believable(at) && v.Envelope != nil {
		at = v.Envelope.Time
	}
	if believable(at) {
		t.Received.Add(at)
	} else {
		at = message.ParseDate(v.Header.Get("Date")).Time
		if !believable(at) {
			return
		}
		t.Dated.Add(at)
		t.DatedMonths[at.UTC().Format("2006-01")]++
	}
	at = at.UTC()
	v.year, v.week = at.Year(), fact.Week(at.Unix())
	t.Months[at.Format("2006-01")]++
	t.Arrivals[int32(at.Unix()/3600)]++
}

// receiver counts the receiver and the forms of results that stand around the boundary.
func (v *view) receiver(t *fact.Tally) {
	if v.path.Boundary < 0 || v.path.Submitted || v.path.Domain == "" || len(v.path.Domain) > maxName {
		return
	}
	key := fact.ReceiverKey{Group: v.Group, Year: v.year, Domain: v.path.Domain}
	c := t.Receivers[key]
	c.Messages++
	if v.any {
		c.Results++
	}
	t.Receivers[key] = c
	places := v.places()
	v.sender(t, places, v.path.Domain, fact.WhatAll)
	if v.path.Top != "" && len(v.path.Top) <= maxName {
		v.sender(t, places, v.path.Top, fact.WhatTop)
		if v.path.Way != "" {
			v.sender(t, places, v.path.Top, fact.WhatWay+v.path.Way)
		}
	}
	if len(v.results) == 0 {
		return
	}
	own := v.ownFields()
	seen := make(map[fact.ResultKey]fact.ResultCount, 2)
	methods := make(map[fact.ResultKey]string, 2)
	for i := range v.results {
		r := &v.results[i]
		if !mailauth.Believable(r) {
			continue
		}
		place := mailauth.Place(v.hops, v.path, r.Index)
		if place == "" || len(r.AuthservID) > maxName || r.AuthservID == "" && !mailauth.WritesNoID(v.path.Domain) {
			continue
		}
		k := fact.ResultKey{ReceiverKey: key, ID: shape(r.AuthservID), Place: place}
		n, ok := seen[k]
		if !ok && len(seen) == maxForms {
			continue
		}
		n.Messages = 1
		n.Fields++
		n.Late = 0 // of several the last decides: the others may be the sender's
		if r.Index > own {
			n.Late = 1
		}
		for j := range r.Methods {
			switch r.Methods[j].Method {
			case "spf":
				n.SPF = 1
			case "dkim":
				n.DKIM = 1
			case "dmarc":
				n.DMARC = 1
			}
		}
		seen[k] = n
		methods[k] = mailauth.Letters(r.Methods, methods[k])
	}
	for k, n := range seen {
		t.Results[k] = t.Results[k].Add(n)
		v.sender(t, places, v.path.Domain, fact.WhatResult+methods[k]+" "+k.Place+" "+k.ID)
	}
}

// places are where the sender of the message falls: by the registrable domain of the envelope sender, or of From where
// none is kept, and by the network of the client.
func (v *view) places() (p [2]uint8) {
	h := fnv.New32a()
	if a, err := netip.ParseAddr(v.hops[v.path.Boundary].Client); err == nil {
		bits := 24 // what one customer of a hosting company can hardly leave
		if a.Is6() {
			bits = 48
		}
		if net, err := a.Prefix(bits); err == nil {
			b := net.Addr().As16()
			h.Write(b[:])
		}
	}
	return [2]uint8{uint8(v.senderPlace() % fact.SenderPlaces), uint8(h.Sum32() % fact.SenderPlaces)}
}

// sender counts the message for its sender. Mail in spam and trash teaches nothing: anybody can send as much there as he
// likes, and nobody looks.
func (v *view) sender(t *fact.Tally, places [2]uint8, domain, what string) {
	if v.unwanted() {
		return
	}
	k := fact.SenderKey{Group: v.Group, Domain: domain, What: what, Week: v.week}
	for i, place := range places {
		k.Net, k.Place = i == 1, place
		t.Senders[k]++
	}
}

// unwanted reports whether the message lies in spam or trash.
func (v *view) unwanted() bool {
	if v.Folder == finding.Spam || v.Folder == finding.Trash {
		return true
	}
	for _, l := range v.listed {
		if role, _ := readstate.Label(l); role == finding.Spam || role == finding.Trash {
			return true
		}
	}
	return false
}

// ownFields is the index of the first field that a sender writes.
func (v *view) ownFields() int {
	for i := range v.Header.Fields {
		for _, name := range [...]string{"From", "To", "Subject", "Date"} {
			if v.Header.Fields[i].Is(name) {
				return i
			}
		}
	}
	return len(v.Header.Fields)
}

// shape is the form of an authserv-id that all machines of a receiver share: labels with digits in them, below the
// registrable domain, are names of machines and of places where they stand.
func shape(id string) string {
	if !strings.ContainsAny(id, "0123456789") || hostname.IsIP(id) {
		return id
	}
	domain := hostname.Registrable(id)
	head, ok := strings.CutSuffix(id, "."+domain)
	if !ok {
		return id
	}
	last := strings.LastIndexAny(head, "0123456789")
	if last < 0 {
		return id
	}
	if dot := strings.IndexByte(head[last:], '.'); dot >= 0 {
		return "*." + head[last+dot+1:] + "." + domain
	}
	return "*." + domain
}

// labels counts labels and the pairs of them.
func (v *view) labels(t *fact.Tally) {
	v.listed = readstate.Labels(v.Header, message.DecodeHeader)
	if len(v.listed) > maxLabels {
		v.listed = v.listed[:maxLabels]
	}
	for i, l := range v.listed {
		c := t.Labels[l]
		c.Messages++
		if v.path.Boundary < 0 {
			c.Sent++
		}
		t.Labels[l] = c
		for _, m := range v.listed[i+1:] {
			t.Pairs[pair(l, m)]++
		}
	}
}

// written reports whether the message was written here, and not received: it lies among the sent ones. From alone shows
// nothing: fakes are often "from" their recipient.
func (v *view) written() bool {
	if v.Folder == finding.Sent {
		return true
	}
	for _, l := range v.listed {
		if role, _ := readstate.Label(l); role == finding.Sent {
			return true
		}
	}
	return false
}

// people counts what shows the owner's addresses and contacts.
func (v *view) people(t *fact.Tally) {
	if v.written() {
		v.wrote(t)
		return
	}
	if v.path.Boundary < 0 {
		return
	}
	to := ""
	for i := range v.Header.Fields[:min(v.hops[v.path.Boundary].Index, len(v.Header.Fields))] {
		f := &v.Header.Fields[i]
		if f.Is("Delivered-To") || f.Is("X-Original-To") || f.Is("X-Delivered-To") {
			to = clean(f.Value())
			break
		}
	}
	if to == "" {
		to = clean(v.hops[v.path.Boundary].For)
	}
	if to != "" {
		c := t.Addresses[to]
		c.Delivered++
		t.Addresses[to] = c
		return
	}
	if all := message.ParseAddresses(v.Header.Get("To")); len(all) == 1 {
		if to := clean(all[0].Address); to != "" {
			c := t.Addresses[to]
			c.To++
			t.Addresses[to] = c
		}
	}
}

// wrote counts a message that was written here: its sender, its recipients and its zone.
func (v *view) wrote(t *fact.Tally) {
	senders := message.ParseAddresses(v.Header.Get("From"))
	if len(senders) != 1 {
		return
	}
	from := clean(senders[0].Address)
	if from == "" {
		return
	}
	c := t.Addresses[from]
	c.Sent++
	t.Addresses[from] = c
	if d := message.ParseDate(v.Header.Get("Date")); !d.Time.IsZero() && d.Doubt == "" {
		if minutes, ok := offset(d.Zone); ok {
			t.Zones[minutes]++
		}
	}
	if id := v.Header.Get("In-Reply-To"); id != "" && len(id) <= maxMessageID {
		t.Answers[fact.HashMessageID(id)]++
	}
	left := maxRecipients
	for _, name := range []string{"To", "Cc", "Bcc"} {
		for _, a := range message.ParseAddresses(v.Header.Get(name)) {
			if left == 0 {
				return
			}
			if to := clean(a.Address); to != "" {
				left--
				t.Sent[fact.SentKey{From: fact.HashAddress(from), To: fact.HashAddress(to)}]++
			}
		}
	}
}

// offset reads a zone "+0900" as minutes east of UTC.
func offset(zone string) (int32, bool) {
	if len(zone) != 5 || zone[0] != '+' && zone[0] != '-' {
		return 0, false
	}
	n := int32(0)
	for i := 1; i < 5; i++ {
		if zone[i] < '0' || zone[i] > '9' {
			return 0, false
		}
	}
	n = int32(zone[1]-'0')*600 + int32(zone[2]-'0')*60 + int32(zone[3]-'0')*10 + int32(zone[4]-'0')
	if n > 14*60 {
		return 0, false
	}
	if zone[0] == '-' {
		n = -n
	}
	return n, true
}

// clean is an address in lower case without brackets, "" for what is none.
func clean(s string) string {
	s = strings.ToLower(strings.Trim(strings.TrimSpace(s), "<>"))
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || len(s) > maxAddress || strings.ContainsAny(s, " \t,;()\"") {
		return ""
	}
	return s
}
