package attention_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/attention"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/timeline/timelinetest"
)

// manner is how somebody treats notices: the share of changes and of orders that are opened, and of what is opened that is
// thrown away.
type manner struct {
	name                    string
	share                   float64 // of people
	changes, orders, thrown float64
	known                   bool // the mailbox keeps the read state
	carrier                 bool // and no results: nothing can be verified
}

var manners = []manner{
	{"reads", 0.35, 0.97, 0.7, 0, true, false},
	{"reads what looks important", 0.2, 0.8, 0.25, 0, true, false},
	{"opens hardly anything", 0.1, 0.15, 0.05, 0, true, false},
	{"throws away what was read", 0.15, 0.97, 0.9, 0.9, true, false},
	{"keeps no read state", 0.12, 0, 0, 0, false, false},
	{"carrier mailbox", 0.08, 0.9, 0.6, 0, true, true},
}

var homes = []struct {
	market, home, town string
	zone               int
	abroad             []string
}{
	{"co.jp", "Osaka,_Japan", "Sapporo,_Japan", 9, []string{"Paris,_France", "Seoul,_South_Korea", "Honolulu,_United_States"}},
	{"co.jp", "Tokyo,_Japan", "Fukuoka,_Japan", 9, []string{"Bangkok,_Thailand", "Rome,_Italy", "Sydney,_Australia"}},
	{"com", "Seattle,_WA,_United_States", "Austin,_TX,_United_States", -8, []string{"Toronto,_Canada", "London,_United_Kingdom"}},
	{"de", "Hamburg,_Germany", "München,_Germany", 1, []string{"Madrid,_Spain", "Paris,_France", "New_York,_United_States"}},
}

var devices = []string{"Apple_iOS", "Google_Chrome_Windows", "Android", "Safari_Mac_OS", "Amazon_Shopping_App_Android", "Microsoft_Edge_Windows"}

// life writes one mailbox as a scene.
type life struct {
	r       *rand.Rand
	at      int // of homes
	manner  manner
	owner   string
	devices []string
	b       strings.Builder
	orders  int
	end     time.Time // nothing comes any more for this account from then on; zero for never
	marks   []string  // lines of a story, to find its messages again
}

func newLife(seed uint64) *life {
	l := &life{r: rand.New(rand.NewPCG(seed, 20261201)), owner: timelinetest.Owner}
	l.at = l.r.IntN(len(homes))
	x := l.r.Float64()
	for _, m := range manners {
		l.manner = m
		if x -= m.share; x < 0 {
			break
		}
	}
	l.devices = []string{devices[l.r.IntN(3)], devices[3+l.r.IntN(3)]}
	fmt.Fprintf(&l.b, "== %d, %s\n", seed, l.manner.name)
	return l
}

// treat is what becomes of a notice.
func (l *life) treat(event string) string {
	m := l.manner
	out := ""
	if m.known {
		share := m.orders
		if strings.HasPrefix(event, "security.") || strings.HasPrefix(event, "account.") {
			share = m.changes
		}
		if l.r.Float64() < share {
			out = " read"
			if l.r.Float64() < m.thrown {
				out += " trash"
			}
		} else {
			out = " unread"
		}
	}
	return out
}

func (l *life) note(t time.Time, event, options string) {
	if !l.end.IsZero() && t.After(l.end) {
		return
	}
	verdict := "genuine"
	if l.manner.carrier {
		verdict, options = "unverifiable", options+" norecords"
	}
	if strings.HasPrefix(event, "order.") && !strings.Contains(options, "order=") {
		l.orders++
		options += fmt.Sprintf(" order=H-%d", l.orders)
	}
	market := homes[l.at].market
	if strings.Contains(options, "brand=") {
		market = "-"
	}
	fmt.Fprintf(&l.b, "%s %s %s at=%s%s\n", t.UTC().Format("2006-01-02 15:04"), verdict, event, market, options)
}

// fill replaces the words of an act.
func (l *life) fill(o string) string {
	h := homes[l.at]
	name, value, _ := strings.Cut(o, "=")
	switch value {
	case "DEVICE":
		value = l.devices[l.r.IntN(len(l.devices))]
	case "NEW":
		value = devices[l.r.IntN(len(devices))]
		l.devices = append(l.devices, value)
	case "HOME":
		value = h.home
	case "TOWN":
		value = h.town
	case "ABROAD":
		value = h.abroad[l.r.IntN(len(h.abroad))]
	case "OWN":
		value = "hanako" + fmt.Sprint(l.r.IntN(90)+10) + "@example.net"
	case "OTHER":
		value = "bluesky" + fmt.Sprint(l.r.IntN(90)+10) + "@example.net"
	default:
		return o
	}
	return name + "=" + value
}

// do lets an act happen.
func (l *life) do(t time.Time, lines string, mark bool) {
	zone := time.FixedZone("", homes[l.at].zone*3600)
	shift := time.Duration(0)
	l.orders++
	lines = strings.ReplaceAll(lines, "#", fmt.Sprint(l.orders)) // order numbers of this act
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		w := strings.Fields(line)
		at, spread, _ := strings.Cut(strings.TrimPrefix(w[0], "+"), "~")
		offset, err := time.ParseDuration(at)
		if err != nil {
			panic(line)
		}
		if d, err := time.ParseDuration(spread); err == nil {
			offset += time.Duration(l.r.Float64() * float64(d))
		}
		event, w := w[1], w[2:]
		chance, lo, hi, every, treat := 1.0, 1, 1, time.Duration(0), ""
		options := ""
		fake := event == "fake"
		if fake {
			event, w = w[0], w[1:]
		}
		if event == "flood" {
			when := t.Add(shift + offset).UTC()
			fmt.Fprintf(&l.b, "flood %s %s %s\n", when.Format("2006-01-02"), when.Format("15"), w[0])
			continue
		}
		for _, o := range w {
			switch name, value, _ := strings.Cut(o, "="); name {
			case "p":
				fmt.Sscan(value, &chance)
			case "x":
				if n, _ := fmt.Sscanf(value, "%d-%d", &lo, &hi); n == 1 {
					hi = lo
				}
			case "every":
				every, _ = time.ParseDuration(value)
			case "hour":
				hour := 0
				fmt.Sscan(value, &hour)
				local := t.In(zone)
				shift = time.Date(local.Year(), local.Month(), local.Day(), hour, local.Minute(), 0, 0, zone).Sub(t)
			case "read", "unread", "spam", "trash", "archive", "deleted", "opened", "unopened", "replied":
				treat += " " + o
			default:
				options += " " + l.fill(o)
			}
		}
		if l.r.Float64() >= chance {
			continue
		}
		for n := range lo + l.r.IntN(hi-lo+1) {
			when := t.Add(shift + offset + time.Duration(n)*every)
			o := strings.ReplaceAll(options, "*", fmt.Sprint(n))
			if treat != "" {
				o += treat
			} else {
				o += l.treat(event)
			}
			if fake {
				fmt.Fprintf(&l.b, "%s impersonation %s at=%s opened\n", when.UTC().Format("2006-01-02 15:04"), event, homes[l.at].market)
				continue
			}
			if mark {
				l.marks = append(l.marks, when.UTC().Format("2006-01-02 15:04")+" "+event)
			}
			l.note(when, event, o)
		}
	}
}

// live lets years of an ordinary life pass: mail of all kinds, orders, sign-ins at home, and acts.
func (l *life) live(from, to time.Time, rates float64) {
	years := to.Sub(from).Hours() / 24 / 365
	zone := time.FixedZone("", homes[l.at].zone*3600)
	when := func() time.Time {
		t := from.Add(time.Duration(l.r.Float64() * float64(to.Sub(from)))).In(zone)
		hour := 7 + l.r.IntN(16)
		if l.r.Float64() < 0.03 {
			hour = l.r.IntN(5)
		}
		return time.Date(t.Year(), t.Month(), t.Day(), hour, l.r.IntN(60), 0, 0, zone)
	}
	times := func(perYear float64) []time.Time {
		n := int(perYear*years + l.r.Float64())
		out := make([]time.Time, n)
		for i := range out {
			out[i] = when()
		}
		slices.SortFunc(out, func(a, b time.Time) int { return a.Compare(b) })
		return out
	}
	fmt.Fprintf(&l.b, "span %s %s\n", from.Format("2006-01-02"), to.Format("2006-01-02"))
	for range 2 {
		for _, d := range l.devices[:2] {
			l.note(from.Add(time.Duration(l.r.IntN(60*24))*time.Hour), "security.signed_in", " device="+d+" near="+homes[l.at].home+l.treat("security.signed_in"))
		}
	}
	type happening struct {
		t time.Time
		a act
	}
	var all []happening
	for _, a := range acts {
		for _, t := range times(a.perYear * rates * 2 * l.r.Float64()) {
			all = append(all, happening{t, a})
		}
	}
	slices.SortStableFunc(all, func(a, b happening) int { return a.t.Compare(b.t) })
	for _, h := range all {
		l.do(h.t, h.a.lines, false)
		if strings.HasPrefix(h.a.name, "another address") && l.r.Float64() < 0.5 {
			l.end = h.t.Add(48 * time.Hour) // the notices go to the new address
		}
	}
	for _, t := range times(10 + 50*l.r.Float64()) {
		l.orders++
		o := fmt.Sprintf(" order=H-%d", l.orders)
		l.note(t, "order.placed", o+l.treat("order.placed"))
		l.note(t.Add(26*time.Hour), "order.shipped", o+l.treat("order.shipped"))
	}
	for _, t := range times(2) {
		l.note(t, "security.signed_in", " device="+l.devices[l.r.IntN(2)]+" near="+homes[l.at].home+l.treat("security.signed_in"))
	}
	for _, t := range times(60) {
		fmt.Fprintf(&l.b, "%s genuine marketing at=%s\n", t.UTC().Format("2006-01-02 15:04"), homes[l.at].market)
	}
}

// sceneOf is the mailbox of a life.
func sceneOf(l *life) *timelinetest.Scene {
	list, err := timelinetest.Parse(l.b.String())
	if err != nil {
		panic(fmt.Sprintf("%v\n%s", err, l.b.String())) // the tests' own words
	}
	return list[0]
}

func (l *life) conclude(t testing.TB) attention.Output {
	t.Helper()
	in := amazonOnly(t, sceneOf(l))
	in.Location = time.FixedZone("", homes[l.at].zone*3600)
	return conclude(t, in)
}

// people is how many honest lives are lived: some five years each.
const people = 100

// TestHonestLives: people who did all of it themselves are told of next to no incident, never of a sure one, asked little,
// and left alone at night. It prints what it measured (go test -v -run TestHonestLives ./analyzer/attention).
func TestHonestLives(t *testing.T) {
	n := people
	if testing.Short() {
		n = people / 2
	}
	years, incidents, sure, high := 0, 0, 0, 0
	var asked, told []float64
	for seed := range uint64(n) {
		l := newLife(seed)
		from := time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC)
		span := 3 + l.r.IntN(6)
		l.live(from, from.AddDate(span, 0, 0), 1)
		out := l.conclude(t)
		years += span
		questions, tell := 0, 0
		for _, a := range out.Attention {
			grave := a.Severity.Level() >= finding.High.Level()
			switch {
			case a.Incident != "" && grave:
				incidents++
				sure += boolInt(a.Severity == finding.Critical)
				t.Logf("%d (%s): %s %s %v", seed, l.manner.name, a.Kind, a.Severity, eventsOf(&out, &a, l))
			case grave && a.Kind != attention.RepliedToFake:
				high++
				t.Logf("%d (%s): %s %s", seed, l.manner.name, a.Kind, a.Severity)
			case a.Kind == attention.Question:
				questions++
			}
			tell += boolInt(a.Tell)
		}
		asked = append(asked, float64(questions)/float64(span))
		told = append(told, float64(tell)/float64(span))
	}
	per100 := 100 * float64(incidents) / float64(years)
	t.Logf("%d people, %d mailbox-years: %d false incidents (%.1f in 100 years), %d told \"yes\"; questions a year: median %.1f, most %.1f; told at night a year: median %.1f, most %.1f",
		n, years, incidents, per100, sure, median(asked), slices.Max(asked), median(told), slices.Max(told))
	if per100 > 2 || sure > 0 || high > 0 {
		t.Errorf("%.1f false incidents in 100 years, %d sure ones, %d other grave items", per100, sure, high)
	}
	if median(asked) > 3 || slices.Max(asked) > 6 || median(told) > 1 {
		t.Errorf("questions a year: median %.1f, most %.1f; told at night: median %.1f", median(asked), slices.Max(asked), median(told))
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// eventsOf are the lines of the mailbox that an item tells of.
func eventsOf(out *attention.Output, a *finding.Attention, _ *life) []string {
	for _, i := range out.Incidents {
		if i.ID == a.Incident {
			var ids []string
			for _, s := range i.Story {
				ids = append(ids, strings.TrimPrefix(s.ID, "incident."))
			}
			return ids
		}
	}
	return nil
}
