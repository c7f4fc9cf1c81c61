package timeline

import (
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

const (
	// maxSentences is how many sentences tell the events of an incident; what is beyond is counted in one more.
	maxSentences = 24
	// maxDetails is how many messages are looked up for what they say of device, place or address.
	maxDetails = 24
)

// told tells the members in order, one sentence for each run of the same event. own is the key of the account's brand: what another
// one wrote names it.
func (f *finder) told(own string, members []uint32) []finding.Text {
	var out []finding.Text
	lookups := 0
	for k := 0; k < len(members); {
		n := 1
		for k+n < len(members) && f.same(members[k], members[k+n]) {
			n++
		}
		if len(out) == maxSentences {
			return append(out, finding.Text{ID: "incident.more", Args: map[string]any{"n": len(members) - k}})
		}
		if n == 1 && lookups < maxDetails {
			lookups++
			out = append(out, f.one(own, members[k]))
		} else {
			out = append(out, f.many(own, members[k:k+n]))
		}
		k += n
	}
	return out
}

func (f *finder) fake(i uint32) bool { return f.verdict(&f.Entries[i]) == finding.Impersonation }

func (f *finder) same(i, j uint32) bool {
	return f.Entries[i].Event == f.Entries[j].Event && f.fake(i) == f.fake(j) && f.key(i) == f.key(j)
}

// one is the sentence for one message, with the detail that makes it worth reading where the message gives one.
func (f *finder) one(own string, i uint32) finding.Text {
	e := &f.Entries[i]
	args := map[string]any{"time": stamp(e.When())}
	if f.fake(i) {
		if e.Flags.Has(fact.Replied) {
			return finding.Text{ID: "incident.told.fake.answered", Args: args}
		}
		return finding.Text{ID: "incident.told.fake", Args: args}
	}
	ev := f.event(e)
	if b := f.key(i); b != own {
		args["event"], args["brand"] = string(ev), b
		return finding.Text{ID: "incident.told.elsewhere", Args: args}
	}
	id := "incident.told." + string(ev)
	switch ev {
	case finding.SignedIn, finding.SigninAttempt, finding.DeviceRegistered:
		if d := f.details(e); d != nil && (d.Device != "" || d.Near != "") {
			args["device"], args["near"] = d.Device, d.Near
			switch {
			case d.Device == "":
				id += ".near"
			case d.Near == "":
				id += ".device"
			default:
				id += ".both"
			}
		}
	case finding.EmailChanged:
		if d := f.details(e); d != nil && d.NewEmail != "" {
			args["new_email"] = d.NewEmail
			id += ".to"
		}
	}
	return finding.Text{ID: id, Args: args}
}

func (f *finder) many(own string, run []uint32) finding.Text {
	first, last := &f.Entries[run[0]], &f.Entries[run[len(run)-1]]
	args := map[string]any{"start": stamp(first.When()), "end": stamp(last.When()), "n": len(run), "event": string(f.event(first))}
	switch ev, b := f.event(first), f.key(run[0]); {
	case f.fake(run[0]):
		return finding.Text{ID: "incident.many.fake", Args: args}
	case b != own:
		args["brand"] = b
		return finding.Text{ID: "incident.many.elsewhere", Args: args}
	case ev == finding.OrderPlaced || ev == finding.OrderCancelled || ev == finding.OrderShipped || ev == finding.GiftcardSent:
		return finding.Text{ID: "incident.many." + string(ev), Args: args}
	}
	return finding.Text{ID: "incident.many", Args: args}
}
