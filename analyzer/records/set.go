// Package records reads what people have beside their mail, what Amazon itself keeps of the account and the statements of
// cards, and holds it against the mail.
//
// "Request my data" gives whoever asks for it an archive of tables: orders, digital orders, returns, sign-ins, devices. An
// intruder who orders in somebody's name and deletes the mails cannot change these. So an order of which the mailbox tells
// nothing, though it tells of all orders around it, was hidden; a genuine mail about an order that the tables lack tells of one
// that was taken out of them, or that belongs to another account; a charge of a card that no order explains is somebody else's.
//
// Each of these is only worth saying where nothing ordinary explains it. Mailboxes cover part of a time, people delete mail,
// orders are split into shipments, paid with gift cards, cancelled, pre-ordered a year ahead or placed in another account of
// the family. So nothing is concluded from one order alone, only from one that stands out among its like (match.go).
package records

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Set is what was read.
type Set struct {
	Files    []File
	Orders   []Order // by time
	Events   []Event // by time: refunds, returns, sign-ins, devices, payment methods
	Charges  []Event // by time
	Problems []finding.Problem
	// Read are the files of the disk that tables were found in, in the order read.
	Read []Original

	byID map[string]int // index in Orders
}

// Original is a file of the disk as it was read.
type Original struct {
	Path   string // as given, or below the folder that was
	Size   int64
	SHA256 evidence.Digest
}

// File is one table that was recognised.
type File struct {
	Path []string
	Kind string
	Rows int
	// Unread counts the rows without a time that can be read.
	Unread int
}

// Place is where a line stands: the file as finding.Ledger names it, and the row, counted from 1.
type Place struct {
	Path []string
	Row  int
}

// Order is one order; its rows, one for each product or component, are put together.
type Order struct {
	ID       string
	Digital  bool
	Time     time.Time
	Day      bool   // only the day is known
	Site     string // marketplace as in fact.Account: "co.jp"; "" where it is not known
	Currency string
	Total    int64  // hundredths
	Item     string // title of the first product
	Parts    []Part // at most maxParts
	Status   string
	Payment  string // how it was paid, as written
	Place    Place

	file int
}

// Part is one row of an order.
type Part struct {
	Shipped time.Time // zero where it is not known
	Amount  int64
}

// Event is one row of another table.
type Event struct {
	Kind     string
	Time     time.Time
	Day      bool
	OrderID  string
	Amount   int64
	Priced   bool // Amount was there
	Currency string
	Item     string
	Payment  string
	Place    Place
}

// Cancelled reports whether nothing came of the order.
func (o *Order) Cancelled() bool {
	s := strings.ToLower(o.Status)
	return strings.Contains(s, "cancel") || strings.Contains(s, "fail") || strings.Contains(s, "declin")
}

const (
	maxParts = 500
	maxText  = 500 // bytes of a title
)

// row is one row of a table.
type row struct {
	kind                                     string
	time, shipped                            time.Time
	day, priced                              bool
	order, site, currency, item, status, pay string
	amount                                   int64
	path                                     []string
	line, file                               int
}

func newRow(h header, cells []string) row {
	v := row{
		kind: h.format.Kind, order: strings.ToUpper(clip(h.cell(cells, "order"), 64)), site: site(h.cell(cells, "site")),
		currency: clip(h.cell(cells, "currency"), 8), item: clip(h.cell(cells, "item"), maxText),
		status: clip(h.cell(cells, "status"), 64), pay: clip(h.cell(cells, "payment"), 120),
	}
	v.time, v.day, _ = parseTime(h.cell(cells, "time"))
	v.shipped, _, _ = parseTime(h.cell(cells, "shipped"))
	v.amount, v.priced = parseAmount(h.cell(cells, "amount"))
	if v.kind == "charge" && v.currency == "" && h.format.Needs != nil && h.format.Needs[0][0] >= 0x80 {
		v.currency = "JPY" // a statement with its columns in Japanese
	}
	return v
}

// site is the marketplace of a name such as "Amazon.co.jp" or "www.amazon.com"; "" for what is none.
func site(s string) string {
	s = strings.ToLower(clip(s, 40))
	if _, after, ok := strings.Cut(s, "amazon."); ok && after != "" && !strings.ContainsAny(after, "/ ") {
		return after
	}
	return ""
}

// add takes a row into the set.
func (s *Set) add(v row) {
	place := Place{v.path, v.line}
	switch v.kind {
	case "order", "digital_order":
		s.addOrder(v, place)
	case "charge":
		if v.priced {
			s.Charges = append(s.Charges, v.event(place))
		}
	default:
		s.Events = append(s.Events, v.event(place))
	}
}

func (v *row) event(place Place) Event {
	return Event{
		Kind: v.kind, Time: v.time, Day: v.day, OrderID: v.order, Amount: v.amount, Priced: v.priced, Currency: v.currency,
		Item: v.item, Payment: v.pay, Place: place,
	}
}

// addOrder puts a row to its order. The same table given twice is counted once: an order belongs to the first file it is in.
func (s *Set) addOrder(v row, place Place) {
	if v.order == "" {
		return
	}
	if s.byID == nil {
		s.byID = make(map[string]int)
	}
	i, ok := s.byID[v.order]
	if !ok {
		i = len(s.Orders)
		s.byID[v.order] = i
		s.Orders = append(s.Orders, Order{
			ID: v.order, Digital: v.kind == "digital_order" || strings.HasPrefix(v.order, "D01-"), Time: v.time, Day: v.day, Site: v.site,
			Currency: v.currency, Item: v.item, Status: v.status, Payment: v.pay, Place: place, file: v.file,
		})
	}
	o := &s.Orders[i]
	if o.file != v.file {
		return
	}
	o.Total += v.amount
	if v.time.Before(o.Time) {
		o.Time, o.Day = v.time, v.day
	}
	if len(o.Parts) < maxParts {
		o.Parts = append(o.Parts, Part{v.shipped, v.amount})
	}
	if !strings.EqualFold(o.Status, v.status) && o.Cancelled() {
		o.Status = v.status // part of it was not cancelled
	}
}

// finish sorts what was read.
func (s *Set) finish() {
	slices.SortFunc(s.Orders, func(a, b Order) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID)) })
	for i := range s.Orders {
		s.byID[s.Orders[i].ID] = i
	}
	by := func(a, b Event) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Place.Path[len(a.Place.Path)-1], b.Place.Path[len(b.Place.Path)-1]), cmp.Compare(a.Place.Row, b.Place.Row))
	}
	slices.SortFunc(s.Events, by)
	slices.SortFunc(s.Charges, by)
}

// Order finds an order by its number.
func (s *Set) Order(id string) *Order {
	if i, ok := s.byID[strings.ToUpper(id)]; ok {
		return &s.Orders[i]
	}
	return nil
}
