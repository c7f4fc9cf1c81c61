package xlsx

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

func (b *book) col(id string, width float64) column {
	return column{title: b.Say("column." + id), width: width}
}

// utc is a column of times in UTC, beside the one of the same times in the report's zone.
func (b *book) utc(id string) column {
	return column{title: b.Say("book.noted", "name", b.Say("column."+id), "note", "UTC"), width: 17}
}

// figures is a column of numbers.
func (b *book) figures(id string, width float64) column {
	return column{title: b.Say("column." + id), width: width, number: true}
}

// messageSheet is one of the sheets that list messages: which, and which columns of them.
type messageSheet struct {
	section string
	ids     []string // of columns
	wrap    bool     // long texts are shown whole
	want    func(view.Entry) bool
}

func columnIDs(columns []view.Column) []string {
	ids := make([]string, len(columns))
	for i, c := range columns {
		ids[i] = c.ID
	}
	return ids
}

func messageSheets() []messageSheet {
	brief := columnIDs(view.BriefColumns())
	return []messageSheet{
		{"timeline", brief, true, func(e view.Entry) bool { return e.Notice() || e.Flags&view.InIncident != 0 }},
		{"unnoticed", brief, true, func(e view.Entry) bool { return e.Flags&view.Unnoticed != 0 }},
		{"impersonations", append(columnIDs(view.BriefColumns()), "signals", "links", "rule"), true, view.Entry.Fake},
		{"messages", columnIDs(view.Columns()), false, func(view.Entry) bool { return true }},
	}
}

// messages writes all sheets that list messages, and the evidence, newest first.
func (b *book) messages() error {
	var lists []*messageList
	for _, s := range messageSheets() {
		l, err := b.openList(s)
		if err != nil {
			return err
		}
		lists = append(lists, l)
	}
	places, err := b.openEvidence()
	if err != nil {
		return err
	}
	lists = append(lists, &messageList{sheet: places, rows: func(e view.Entry) int { return 1 + int(e.Copies) }, write: b.places})
	if err := b.fill(lists); err != nil {
		return err
	}
	for _, l := range lists {
		if err := l.sheet.finish(); err != nil {
			return err
		}
	}
	return nil
}

// briefWidths are widths of columns where long texts take several lines: with them a row of the timeline fits on a page.
var briefWidths = map[string]float64{"event": 22, "from_name": 16, "from_address": 28, "subject": 44, "details": 44, "signals": 90}

// openList starts the sheet of a list of messages.
func (b *book) openList(s messageSheet) (*messageList, error) {
	all := view.Columns()
	columns, heads := make([]int, len(s.ids)), make([]column, len(s.ids)) // columns: places of ids among all
	for i, id := range s.ids {
		columns[i] = slices.IndexFunc(all, func(c view.Column) bool { return c.ID == id })
		heads[i] = b.col(id, all[columns[i]].Width)
		if w := briefWidths[id]; s.wrap && w > 0 {
			heads[i].width = w
		}
		heads[i].number = id == "offset" || id == "length" || id == "copies" || id == "amount"
	}
	sheet, err := b.openTimed(s.section, heads...)
	if err != nil {
		return nil, err
	}
	if s.section == "timeline" {
		if err := b.besideTimeline(sheet, s.ids); err != nil {
			return nil, err
		}
	}
	rows := func(e view.Entry) int {
		if s.want(e) {
			return 1
		}
		return 0
	}
	l := &messageList{sheet: sheet, rows: rows, wrap: s.wrap}
	l.write = func(w *rowWriter, c *messageCells, number func() int) {
		c.row = c.row[:0]
		n := 1
		for i, at := range columns {
			cell := c.cells[at]
			if s.section == "impersonations" && s.ids[i] == "signals" {
				cell = c.reasons // all of them stand on the sheet of all messages
			}
			if l.wrap && cell.style == b.style.text {
				cell.style = b.style.wrap
				n = max(n, lines(cell.text, heads[i].width))
			}
			c.row = append(c.row, cell)
		}
		w.row(number(), height(n), c.row)
	}
	return l, nil
}

// incidents writes one row for each sentence of each story.
func (b *book) incidents() error {
	s, err := b.openTimed("incidents", b.col("kind", 24), b.col("severity", 9), b.col("account", 34), b.figures("order", 6), b.col("time", 17), b.utc("time"), b.col("what", 70), b.col("details", 44), b.col("id", 20))
	if err != nil {
		return err
	}
	for _, i := range b.Incidents() {
		steps, err := b.StorySteps(i)
		if err != nil {
			return err
		}
		n := 0
		for _, step := range steps {
			// A step that several mails tell has a row for each, so that each row has its time and its id.
			mails := step.Mails
			if len(mails) == 0 {
				mails = []view.StoryMail{{Index: -1}}
			}
			for _, m := range mails {
				at := step.Time
				if m.Index >= 0 && b.Entries[m.Index].Time != 0 {
					t := time.Unix(b.Entries[m.Index].Time, 0).UTC()
					at = &t
				}
				n++
				if err := s.add(b.cell(b.Word("kind", i.Kind)), b.styled(b.Severity(i.Severity), b.style.severity(i.Severity)), b.cell(b.Account(i.Account)), b.number(int64(n)),
					b.value(b.Local(at)), b.value(view.UTCOf(at)), b.styled(step.Text, b.style.wrap), b.styled(m.Facts, b.style.wrap), b.cell(m.ID)); err != nil {
					return err
				}
				if n == 1 {
					b.jumps["incident "+i.ID] = s.here()
				}
			}
		}
	}
	return s.finish()
}

// statements writes the calendar: a row for each series and year, a column for each month, each state with its mark and
// colour, the key beneath the title.
func (b *book) statements() error {
	columns := []column{b.col("year", 8), b.col("issuer", 22), b.col("account", 26), b.col("cadence", 10)}
	for m := time.January; m <= time.December; m++ {
		columns = append(columns, column{title: b.ShortMonth(m), width: 13})
	}
	columns = append(columns, b.col("whole", 14))
	key := []any{nil, nil, nil, b.styled(b.Say("book.legend"), b.style.label)}
	for _, state := range finding.PeriodStates {
		key = append(key, b.styled(view.StateMark(state)+" "+b.Word("state", state), b.style.wrap))
	}
	s, err := b.start(&sheet{section: "statements", columns: columns, second: key, before: b.stateColours, lines: 2})
	if err != nil {
		return err
	}
	cell := func(ps []finding.Period) any {
		var parts []string
		for _, p := range ps {
			parts = append(parts, view.StateMark(p.State)+" "+b.Word("state", p.State))
		}
		return b.styled(strings.Join(parts, "\n"), b.style.wrap)
	}
	for _, y := range b.Calendar() {
		for _, r := range y.Rows {
			row := []any{b.cell(strconv.Itoa(y.Year)), b.styled(b.SeriesName(r.Series), b.style.wrap), b.styled(view.Safe(r.Series.Account), b.style.wrap), b.cell(b.Word("cadence", r.Series.Cadence))}
			for _, ps := range r.Months {
				row = append(row, cell(ps))
			}
			if err := s.add(append(row, cell(r.Whole))...); err != nil {
				return err
			}
			if id := "series " + r.Series.ID; b.jumps[id] == "" {
				b.jumps[id] = s.here() // its latest year
			}
		}
	}
	return s.finish()
}

// stateColours colours the calendar by the mark each cell begins with.
func (b *book) stateColours(s *sheet) error {
	last, err := excelize.CoordinatesToCellName(len(s.columns), s.row)
	if err != nil {
		return err
	}
	var options []excelize.ConditionalFormatOptions
	for _, state := range finding.PeriodStates {
		look := excelize.Style{}
		switch state {
		case "read":
			look.Font, look.Fill = &excelize.Font{Color: "0B4A70"}, fill("DCEBF5")
		case "missing", "impersonated":
			look.Font, look.Fill = &excelize.Font{Color: "8C1D18"}, fill("FBE0DD")
		case "unread", "spam", "trash", "late":
			look.Font, look.Fill = &excelize.Font{Color: "6B4500"}, fill("FDEFD2")
		default:
			look.Font = &excelize.Font{Color: grey}
		}
		id, err := b.file.NewConditionalStyle(&look)
		if err != nil {
			return err
		}
		options = append(options, excelize.ConditionalFormatOptions{Type: "text", Criteria: "begins with", Value: view.StateMark(state), Format: &id})
	}
	return b.file.SetConditionalFormat(s.name, "E2:"+last, options)
}

func fill(color string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
}

func (b *book) hosts() error {
	s, err := b.openTimed("hosts", b.col("kind", 18), b.col("host", 48), b.figures("count", 10), b.col("first", 17), b.utc("first"), b.col("last", 17), b.utc("last"), b.col("example", 20))
	if err != nil {
		return err
	}
	add := func(kind string, list []view.Origin) error {
		for _, o := range list {
			m, err := b.Message(int(o.Example))
			if err != nil {
				return err
			}
			if err := s.add(b.cell(kind), b.cell(view.DefangHost(o.Name)), b.number(int64(o.Count)), b.unix(o.First, b.Zone), b.unix(o.First, time.UTC), b.unix(o.Last, b.Zone), b.unix(o.Last, time.UTC), b.cell(view.Safe(m.ID))); err != nil {
				return err
			}
		}
		return nil
	}
	if err := add(b.Say("book.sender"), b.Senders); err != nil {
		return err
	}
	if err := add(b.Say("book.linked"), b.Hosts); err != nil {
		return err
	}
	return s.finish()
}

func (b *book) unix(t int64, zone *time.Location) any {
	if t == 0 {
		return nil
	}
	return b.timeCell(time.Unix(t, 0).In(zone))
}

// openEvidence starts the sheet of evidence: every source, and every file that was passed over.
func (b *book) openEvidence() (*sheet, error) {
	s, err := b.open("evidence", b.col("kind", 34), b.col("id", 20), b.col("location", 70), b.figures("offset", 16), b.figures("length", 16), b.col("sha256", 66))
	if err != nil {
		return nil, err
	}
	for _, src := range b.Sources() {
		if err := s.add(b.cell(b.Say("column.source")), nil, b.cell(view.Safe(src.Name)), b.number(0), b.number(src.Size), b.cell(digest(src.SHA256.IsZero(), src.SHA256.String()))); err != nil {
			return nil, err
		}
		for _, k := range src.Skipped {
			if err := s.add(b.cell(b.Say("evidence.skipped")), nil, b.cell(view.SafeN(strings.Join(k.Path, "!"), view.MaxCell)), nil, b.number(k.Size), b.cell(b.Word("skipped", k.Reason))); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// places writes the rows of the sheet of evidence: where the bytes of a message and of its copies are and what they hash to.
func (b *book) places(w *rowWriter, c *messageCells, number func() int) {
	m := c.message
	id := c.add(b.cell(view.Safe(m.ID)))
	row := func(kind string, l evidence.Location) {
		c.row = append(c.row[:0], c.add(b.cell(b.Say("book."+kind))), id, c.add(b.cell(view.PathText(l))), c.add(b.number(l.Offset)), c.add(b.number(l.Length)))
	}
	row("message", m.Location)
	w.row(number(), 0, append(c.row, c.add(b.cell(m.SHA256.String()))))
	for _, l := range m.Copies {
		row("copy", l)
		w.row(number(), 0, c.row)
	}
}

func digest(zero bool, s string) string {
	if zero {
		return ""
	}
	return s
}

func (b *book) problems() error {
	s, err := b.open("problems", b.col("lost", 18), b.col("stage", 20), b.col("reason", 70), b.col("location", 60), b.figures("offset", 16), b.figures("length", 16))
	if err != nil {
		return err
	}
	err = b.Problems(func(p *finding.Problem) error {
		lost := b.styled(b.Say("problem.kept"), b.style.grey)
		if p.Lost {
			lost = b.styled(b.Say("problem.lost"), b.style.red)
		}
		return s.add(lost, b.cell(b.Word("stage", p.Stage)), b.styled(b.Reason(p.Reason), b.style.wrap), b.cell(view.PathText(p.Location)), b.number(p.Location.Offset), b.number(p.Location.Length))
	})
	if err != nil {
		return err
	}
	return s.finish()
}
