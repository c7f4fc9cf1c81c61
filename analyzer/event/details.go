package event

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

const (
	// valueMax is how many bytes a detail may have; genuine ones (a device, a product's title) stay below half of it.
	valueMax = 200
	// ordersMax is how many order numbers are kept. An order split over sellers has some five; a longer list says no more.
	ordersMax = 20
	// linesExamined bounds the lines that are read for labels.
	linesExamined = 2000
	// labelMax is how many bytes a label has at most, folded.
	labelMax = 80
)

// label is what stands before a value.
type label int

const (
	noLabel label = iota
	device
	near
	when
	clock
	merchant
	amount
	nextDate
	oldEmail
	newEmail
	card
)

// addLabels takes the labels of one language in. Where languages share a word they use it for the same thing.
func (c *compiled) addLabels(l *Labels) {
	for _, set := range []struct {
		label label
		words []string
	}{
		{device, l.Device},
		{near, l.Near},
		{when, l.When},
		{clock, l.Clock},
		{merchant, l.Merchant},
		{amount, l.Amount},
		{nextDate, l.NextDate},
		{oldEmail, l.OldEmail},
		{newEmail, l.NewEmail},
		{card, l.Card},
	} {
		for _, w := range set.words {
			// A line's name loses what is no letter at its ends: "inkl. USt.".
			for _, f := range []string{fold(w), fold(trimLabel(w))} {
				if c.labels[f] == noLabel {
					c.labels[f] = set.label
					r, _ := utf8.DecodeRuneInString(f)
					c.labelStarts.add(r)
				}
			}
		}
	}
	for _, form := range l.CardEnd {
		c.cardEnds = append(c.cardEnds, fold(form))
	}
	for _, w := range l.Ends {
		c.ends = append(c.ends, fold(w))
	}
	for _, w := range l.NotEnds {
		c.notEnds = append(c.notEnds, fold(w))
	}
	for _, w := range l.Between {
		c.between = append(c.between, fold(w))
	}
	for _, w := range l.Renews {
		c.renews = append(c.renews, fold(w))
	}
	for _, forms := range l.Services {
		s := service{name: strings.Split(forms, "|")[0]}
		for form := range strings.SplitSeq(forms, "|") {
			s.forms = append(s.forms, fold(form))
		}
		c.services = append(c.services, s)
	}
	for i, forms := range l.Months {
		for form := range strings.SplitSeq(forms, "|") {
			c.months[fold(form)] = i + 1
		}
	}
}

// reading is a message whose details are read.
type reading struct {
	event    finding.Event
	language string
	subject  string // plain
	text     string // as it stands
	folded   string // the text folded, in one line
	lines    []string
	market   string // the answer of hint, once it was asked
	asked    bool
	room     []byte // for a label folded
}

// details reads what a notice says of its event; nil where that is nothing.
func (c *compiled) details(r *reading) *finding.Details {
	if r.event == finding.Marketing || r.event == finding.Awareness {
		return nil
	}
	d := &finding.Details{}
	r.lines = split(r.text)
	class := r.event.Class()
	if class != "aws" && class != "seller" {
		r.setOrders(d)
	}
	c.setLabelled(d, r)
	if d.Amount == "" && (class == "order" || charges(r.event)) {
		c.setAmountBehind(d, r)
	}
	if d.Amount == "" && charges(r.event) {
		r.setFirstAmount(d)
	}
	switch r.event {
	case finding.EmailChanged, finding.EmailAdded, finding.TakeoverResponse, finding.AccountChanged:
		c.setEmails(d, r)
	default:
		d.OldEmail, d.NewEmail = "", ""
	}
	if (class == "subscription" || class == "prime") && d.NextDate == "" {
		d.NextDate = c.renewal(r)
	}
	if class == "subscription" && d.Merchant == "" {
		d.Merchant = c.serviceIn(r)
	}
	switch class {
	case "statement", "account", "prime", "subscription":
		c.setCardEnd(d, r)
	case "order":
		d.Item = bounded(quoted(r.subject))
	case "aws":
		d.AWSAccount = awsAccount(r)
	}
	d.Ends = r.event == finding.SubscriptionChanged && c.saysEnded(r.subject)
	if d.IsZero() {
		return nil
	}
	return d
}

// service is a subscription that Amazon sells, by the forms of its name, folded.
type service struct {
	name  string
	forms []string
}

// serviceIn is the subscription that a notice is about: the first of the list that its subject names, else its text; ""
// where neither names one.
func (c *compiled) serviceIn(r *reading) string {
	for _, in := range []string{fold(r.subject), r.folded} {
		for _, s := range c.services {
			if slices.ContainsFunc(s.forms, func(form string) bool { return strings.Contains(in, form) }) {
				return s.name
			}
		}
	}
	return ""
}

// renewal is the day of the next charge where a sentence names it; "" where none does.
func (c *compiled) renewal(r *reading) string {
	for _, line := range r.lines {
		folded := fold(line)
		if !slices.ContainsFunc(c.renews, func(w string) bool { return strings.Contains(folded, w) }) {
			continue
		}
		if day, ok := c.date(line); ok {
			return day
		}
	}
	return ""
}

// charges tells events that are about one amount of money, so that the first amount in the text is meant.
func charges(e finding.Event) bool {
	switch e {
	case finding.StatementIssued, finding.StatementChargeNotice, finding.StatementInvoice, finding.SubscriptionCharged,
		finding.PrimeRenewal, finding.OrderRefunded, finding.GiftcardSent, finding.GiftcardRedeemed, finding.AWSBilling:
		return true
	}
	return false
}

// setAmountBehind takes the last amount whose label has other text before it on the line: "Bestellung 12 Endbetrag: 9,99 €".
func (c *compiled) setAmountBehind(d *finding.Details, r *reading) {
	for _, line := range r.lines {
		if strings.IndexFunc(line, unicode.IsDigit) < 0 {
			continue
		}
		s := strings.ToLower(line)
		for i := 0; i < len(s); {
			if !digit(s[i]) {
				i++
				continue
			}
			end := numberEnd(s, i)
			if sign, ok := currencyAround(s, i, end); ok && c.amountLabelEnds(s[:i], sign.text) {
				currency := r.resolve(sign)
				if n, ok := decimal(s[i:end], currency); ok {
					d.Amount, d.Currency = n, currency
				}
			}
			i = end
		}
	}
}

// amountLabelEnds reports whether text that stands before a number, in lower case, ends in a label of an amount, with or
// without a sign of currency behind it.
func (c *compiled) amountLabelEnds(before, sign string) bool {
	noLetter := func(r rune) bool { return !unicode.IsLetter(r) && r != ')' }
	name := strings.TrimRightFunc(strings.TrimSuffix(strings.TrimRight(before, " "), sign), noLetter)
	if len(name) > labelMax {
		at := len(name) - labelMax
		for !utf8.RuneStart(name[at]) {
			at++
		}
		name = name[at:]
	}
	name = fold(name)
	prev := ' '
	for i, r := range name {
		if (isCJK(r) || !unicode.IsLetter(prev)) && c.labels[trimLabel(name[i:])] == amount {
			return true
		}
		prev = r
	}
	return false
}

// split cuts text into plain lines that are not empty.
func split(text string) []string {
	lines := make([]string, 0, min(strings.Count(text, "\n")+1, linesExamined))
	var room []byte
	for raw := range strings.SplitSeq(text, "\n") {
		if p := normalIn(&room, script.Cut(raw, 4*valueMax), false); p != "" {
			lines = append(lines, p)
			if len(lines) == linesExamined {
				break
			}
		}
	}
	return lines
}

// setLabelled reads "label: value" lines. A value may stand on the line below its label: tables become text that way.
func (c *compiled) setLabelled(d *finding.Details, r *reading) {
	var time string
	lines, class := r.lines, r.event.Class()
	for i := range lines {
		l, value := c.labelled(r, lines[i])
		if l == noLabel {
			continue
		}
		if value == "" && i+1 < len(lines) {
			if next, _ := c.labelled(r, lines[i+1]); next == noLabel {
				value = bounded(lines[i+1])
			}
		}
		if value == "" {
			continue
		}
		switch l {
		case device:
			set(&d.Device, value)
		case near:
			set(&d.Near, value)
		case when:
			set(&d.When, value)
		case clock:
			set(&time, value)
		case merchant:
			set(&d.Merchant, value)
		case amount:
			// The last labelled total is the one with postage and tax; "0" lines of discounts are no total.
			if a, ok := r.firstAmount(value); ok && (d.Amount == "" || class == "order") {
				d.Amount, d.Currency = a.digits, a.currency
			}
		case nextDate:
			if day, ok := c.date(value); ok && d.NextDate == "" {
				d.NextDate = day
			}
		case oldEmail:
			set(&d.OldEmail, firstAddress(value))
		case newEmail:
			set(&d.NewEmail, firstAddress(value))
		case card:
			set(&d.Card, value)
		}
	}
	switch {
	case d.When == "":
		d.When = time
	case time != "" && !strings.Contains(d.When, time):
		d.When = bounded(d.When + " " + time)
	}
	switch class {
	case "security", "account", "statement", "aws":
	default: // "Date" of an order is when it comes, its "device" what was bought
		d.Device, d.Near, d.When = "", "", ""
	}
	if class != "statement" && class != "subscription" {
		d.Merchant = ""
	}
	if class != "statement" {
		d.Card = ""
	}
}

// labelled returns the label a line starts with and the value after it.
func (c *compiled) labelled(r *reading, line string) (label, string) {
	name, value, colon := strings.Cut(line, ":")
	if !colon {
		name, value = line, ""
	}
	if len(name) > labelMax {
		return noLabel, ""
	}
	name = trimLabel(name)
	if found, ok := c.label(r, name); ok {
		return found, bounded(value)
	}
	if colon {
		return noLabel, ""
	}
	// "お支払い金額 12,345円", "Order Total $12.34": the value follows without a colon.
	if at := valueStart(line); at > 0 {
		name := line[:at]
		for range 2 {
			name = strings.TrimFunc(name, func(r rune) bool { return !unicode.IsLetter(r) })
			if found, _ := c.label(r, name); found == amount || found == nextDate {
				return found, bounded(line[at:])
			}
			// A currency word between label and number: "Order Total USD 12.34".
			cutAt := strings.LastIndexByte(name, ' ')
			if cutAt < 0 {
				break
			}
			name = name[:cutAt]
		}
	}
	return noLabel, ""
}

// label is the label that a name, plain, is one of the forms of.
func (c *compiled) label(r *reading, name string) (label, bool) {
	if !c.mayBeLabel(name) {
		return noLabel, false
	}
	r.room = appendNormal(r.room[:0], name, true)
	found, ok := c.labels[string(r.room)]
	return found, ok
}

// trimLabel trims all but letters, digits and parentheses off a label.
func trimLabel(name string) string {
	// Nearly all begin and end with ASCII or Japanese.
	if name != "" && labelByte(name[0]) && labelByte(name[len(name)-1]) {
		return name
	}
	return strings.TrimFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != ')' && r != '(' })
}

// labelByte tells for the bytes of ASCII that stay at the ends of a label.
func labelByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || digit(c) || c == '(' || c == ')'
}

// valueStart returns where the first digit or sign of currency stands in a line, -1 for nowhere.
func valueStart(line string) int {
	for i := 0; i < len(line); {
		if c := line[i]; c < utf8.RuneSelf {
			if digit(c) || c == '$' {
				return i
			}
			i++
			continue
		}
		if stableAt(line, i) {
			i += 3
			continue
		}
		r, n := utf8.DecodeRuneInString(line[i:])
		if unicode.IsDigit(r) || unicode.Is(unicode.Sc, r) {
			return i
		}
		i += n
	}
	return -1
}

// runeSet is a set of characters, a bit for each of the first 65,536; characters beyond share bits with those.
type runeSet [1 << 16 / 64]uint64

func (s *runeSet) add(r rune) { s[r>>6&0x3ff] |= 1 << (r & 63) }

func (s *runeSet) has(r rune) bool { return s[r>>6&0x3ff]>>(r&63)&1 != 0 }

// mayBeLabel tells from the first character whether plain text can be a label, before it is folded.
func (c *compiled) mayBeLabel(name string) bool {
	r, _ := utf8.DecodeRuneInString(name)
	switch {
	case 'A' <= r && r <= 'Z':
		r += 'a' - 'A'
	case r < utf8.RuneSelf, stable(r):
	default:
		return name != "" // what it is when folded can't be told
	}
	return c.labelStarts.has(r)
}

// set keeps the first value.
func set(field *string, value string) {
	if *field == "" {
		*field = bounded(value)
	}
}

// bounded trims a value and limits its length.
func bounded(s string) string {
	return strings.TrimSpace(script.Cut(strings.TrimSpace(s), valueMax))
}

// setOrders keeps order numbers: retail 123-1234567-1234567, digital D01-…, Amazon Pay P01-… (OFFICIAL §4).
func (r *reading) setOrders(d *finding.Details) {
	var ids []string
	add := func(s string) {
		for _, id := range orderNumbers(s) {
			if len(ids) < ordersMax && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	add(r.subject)
	for _, line := range r.lines {
		add(line)
	}
	if len(ids) > 0 {
		d.OrderID = ids[0]
	}
	if len(ids) > 1 {
		d.OrderIDs = ids
	}
}

// orderNumbers finds the order numbers in s.
func orderNumbers(s string) []string {
	const length = 3 + 1 + 7 + 1 + 7
	var ids []string
	for i := 0; ; i++ {
		dash := strings.IndexByte(s[i:], '-')
		if dash < 0 {
			return ids
		}
		i += dash
		start, end := i-3, i-3+length
		if start < 0 || end > len(s) || s[i+8] != '-' || !digits(s[start+1:i]) || !digits(s[i+1:i+8]) || !digits(s[i+9:end]) {
			continue
		}
		if c := s[start]; !digit(c) && c != 'D' && c != 'P' {
			continue
		}
		if start > 0 && (digit(s[start-1]) || s[start-1] == '-') || end < len(s) && (digit(s[end]) || s[end] == '-') {
			continue
		}
		ids = append(ids, s[start:end])
	}
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func digits(s string) bool {
	for i := range len(s) {
		if !digit(s[i]) {
			return false
		}
	}
	return true
}

// quoted returns what stands in quotation marks in a subject: newer order mails quote the title of the product there.
func quoted(subject string) string {
	// Opening marks with the marks that close them, the more telling first. Germans close with “, Poles with ”.
	for _, marks := range []struct{ open, end string }{
		{"「", "」"}, {"『", "』"}, {"„", "“”\""}, {"“", "”"}, {"«", "»"}, {"\"", "\""}, {"‘", "’"}, {"'", "'"},
	} {
		before, rest, ok := strings.Cut(subject, marks.open)
		if !ok {
			continue
		}
		end := strings.IndexAny(rest, marks.end)
		if marks.open == "'" || marks.open == "‘" {
			if before != "" && !strings.HasSuffix(before, " ") {
				continue // an apostrophe
			}
			end = strings.LastIndexAny(rest, marks.end) // 'Men's shoes...' and 1 more item
		}
		switch {
		case end > 0:
			return rest[:end]
		case end < 0 && marks.open != "'" && marks.open != "‘" && len(rest) > 1:
			return rest // cut off by the mail program
		}
	}
	return ""
}

// setCardEnd reads the last digits of a card.
func (c *compiled) setCardEnd(d *finding.Details, r *reading) {
	for _, form := range c.cardEnds {
		before, after, _ := strings.Cut(form, "#")
		if n := cardDigits(r.folded, strings.TrimSpace(before), strings.TrimSpace(after)); n != "" {
			d.CardEnd = n
			return
		}
	}
}

// cardDigits finds three to five digits behind before and in front of after, either of which may be empty.
func cardDigits(s, before, after string) string {
	for range tries {
		if before != "" {
			i := strings.Index(s, before)
			if i < 0 {
				return ""
			}
			s = s[i+len(before):]
		}
		at := strings.IndexFunc(s, unicode.IsDigit)
		if at < 0 {
			return ""
		}
		end := at
		for end < len(s) && digit(s[end]) {
			end++
		}
		// Between wording and digits there is at most " *-****: ".
		if end-at >= 3 && end-at <= 5 && (before == "" || at <= 12) && strings.HasPrefix(strings.TrimSpace(s[end:]), after) {
			return s[at:end]
		}
		if before == "" {
			if end == at {
				return ""
			}
			s = s[end:]
		}
	}
	return ""
}
