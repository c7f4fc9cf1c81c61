package attention

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/statement"
)

// ownCards is how many cards of one issuer and recipient get a line of their own; the others are one line. People have a
// card or two of one issuer, and an issuer with a hundred would push everything else off the list.
const ownCards = 4

// due is an item about a series that is not on the list yet.
type due struct {
	finding.Attention
	members        []uint32
	issuer, newest string // the newest period that is missing
	account        uint32
}

// statements makes items of the series: what never came, else what was not read.
func (c *conclusion) statements() {
	type sender struct{ issuer, address string }
	var list []sender
	by := make(map[sender][]due)
	for _, d := range c.dues() {
		from := sender{d.issuer, c.Accounts[d.account].Address}
		if by[from] == nil {
			list = append(list, from)
		}
		by[from] = append(by[from], d)
	}
	for _, from := range list {
		all := by[from]
		if len(all) > ownCards+1 {
			slices.SortStableFunc(all, func(a, b due) int {
				return cmp.Or(cmp.Compare(b.Severity.Level(), a.Severity.Level()), cmp.Compare(b.newest, a.newest))
			})
			rest := all[ownCards:]
			all = all[:ownCards]
			one := rest[0]
			named := []string{MissingStatement, "cards", from.issuer, from.address, one.newest}
			one.Attention = finding.Attention{
				ID: fact.StableID("a", named...), Severity: one.Severity, Kind: one.Kind, Account: from.address, Do: one.Do,
				Why: text(MissingStatement+".cards", args{"issuer": from.issuer, "n": len(rest)}),
			}
			one.members = nil
			for _, d := range rest {
				one.members = append(one.members, d.members...)
				one.Tell = one.Tell || d.Tell
			}
			all = append(all, one)
		}
		for _, d := range all {
			c.add(d.Attention, d.members)
			c.items[len(c.items)-1].rest = d.Series == ""
		}
	}
}

// dues are the series of which something is to be told.
func (c *conclusion) dues() (out []due) {
	for k := range c.series {
		s := &c.series[k]
		var missing, faked, unread, spam []string
		var members, fakes []uint32
		for i, p := range s.Periods {
			switch p.State {
			case statement.Missing:
				missing = append(missing, p.Period)
				continue
			case statement.Impersonated:
				missing, faked = append(missing, p.Period), append(faked, p.Period)
				if s.Messages[i] >= 0 {
					fakes = append(fakes, uint32(s.Messages[i]))
				}
				continue
			case statement.Unread, statement.Trash:
				unread = append(unread, p.Period)
			case statement.Spam:
				spam = append(spam, p.Period)
			default:
				continue
			}
			if s.Messages[i] >= 0 {
				members = append(members, uint32(s.Messages[i]))
			}
		}
		a := args{
			"issuer": s.Issuer, "account": c.card(s), "event": string(s.Event), "n": len(missing), "m": len(unread) + len(spam),
		}
		unread = append(unread, spam...)
		slices.Sort(unread)
		for name, periods := range map[string][]string{"missing": missing, "unread": unread} {
			if len(periods) > 0 {
				a[name] = periods
			}
		}
		kind, id, severity := MissingStatement, MissingStatement, finding.MediumS
		switch {
		case s.Stopped:
			id += ".stopped"
			a["last"] = lastCame(s)
		case len(missing) > 0 && len(unread) > 0:
			id += ".and_unread"
			if len(spam) > 0 {
				id = MissingStatement + ".and_spam"
			}
		case len(missing) > 0:
		case len(spam) > 0:
			kind, id = UnreadStatement, UnreadStatement+".spam"
		case len(unread) > 0 && s.Cadence != statement.Irregular:
			kind, id, severity = UnreadStatement, UnreadStatement, finding.Low
		default:
			continue
		}
		recent := c.recent(missing)
		if severity == finding.MediumS && !recent && !c.recent(spam) {
			severity = finding.Low
		}
		situation, issuer := "statement", s.Issuer
		if s.Event != finding.StatementIssued {
			situation, issuer = "amazon", ""
		}
		do := c.do(situation, s.AccountIndex, members)
		if len(faked) > 0 {
			do = append([]finding.Text{{ID: "do.statement_fake", Args: args{"faked": faked}}}, do...)
			members = append(members, fakes...)
		}
		// A statement that is missing now is another thing to tell than the one that was missing last month: what somebody said
		// of that one does not answer for this one.
		named := []string{kind, s.ID}
		if len(missing) > 0 {
			named = append(named, missing[len(missing)-1])
		}
		if s.Stopped {
			named = append(named, "stopped")
		}
		d := due{account: s.AccountIndex, issuer: s.Issuer, members: members, Attention: finding.Attention{
			ID: fact.StableID("a", named...), Severity: severity, Kind: kind, Series: s.ID, Account: s.Account, Tell: kind == MissingStatement && recent,
			Why: text(id, a), Do: withIssuer(do, issuer),
		}}
		if len(missing) > 0 {
			d.newest = missing[len(missing)-1]
		}
		out = append(out, d)
	}
	return out
}

// lastCame is the last period of a series in which a statement came.
func lastCame(s *statement.Series) string {
	for i := len(s.Periods) - 1; i >= 0; i-- {
		if s.Messages[i] >= 0 && s.Periods[i].State != statement.Impersonated {
			return s.Periods[i].Period
		}
	}
	return ""
}

// withIssuer fills the issuer into the steps.
func withIssuer(do []finding.Text, issuer string) []finding.Text {
	for i := range do {
		if issuer != "" {
			do[i].Args = maps.Clone(do[i].Args)
			do[i].Args["issuer"] = issuer
			delete(do[i].Args, "site")
		}
	}
	return do
}

// card is the account of a series as a gap of a text is filled with it, with the card where there are several.
func (c *conclusion) card(s *statement.Series) any {
	name := c.name(s.AccountIndex)
	if s.Card == "" {
		return name
	}
	if name == nil {
		return s.Card
	}
	if s.Event == finding.SubscriptionCharged {
		return fmt.Sprintf("%v, %s", name, s.Card)
	}
	return fmt.Sprintf("%v %s", name, s.Card)
}

// recent reports whether one of the periods lies within the last thirteen months: of a statement that is older the next
// ones have long shown what there was to see.
func (c *conclusion) recent(periods []string) bool {
	at := c.AsOf
	if at.IsZero() {
		at = c.Span[1]
	}
	since := at.AddDate(0, -13, 0)
	for _, p := range periods {
		if len(p) == len("2006-01") && p >= since.Format("2006-01") || len(p) != len("2006-01") && p >= since.Format("2006") {
			return true
		}
	}
	return false
}
