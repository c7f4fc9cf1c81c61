package xlsx

import (
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

func (b *book) col(id string, width float64) column { return column{b.Say("column." + id), width} }

// messageTable writes a sheet of the messages that want picks, newest first.
func (b *book) messageTable(section string, columns []view.Column, want func(view.Entry) bool) error {
	heads := make([]column, len(columns))
	for i, c := range columns {
		heads[i] = b.col(c.ID, c.Width)
	}
	s, err := b.open(section, heads...)
	if err != nil {
		return err
	}
	cells := make([]any, len(columns))
	for _, n := range b.ByTime {
		if !want(b.Entries[n]) {
			continue
		}
		if err := b.ctx.Err(); err != nil {
			return err
		}
		m, err := b.Message(int(n))
		if err != nil {
			return err
		}
		for i, c := range columns {
			v := c.Value(b.Report, m)
			switch c.ID {
			case "verdict":
				cells[i] = b.styled(v.Text, b.style.verdict(m.Verdict))
			case "severity":
				cells[i] = b.styled(v.Text, b.style.severity(m.Severity))
			default:
				cells[i] = b.value(v)
			}
		}
		if err := s.add(cells...); err != nil {
			return err
		}
	}
	return s.finish()
}

func (b *book) timeline() error {
	return b.messageTable("timeline", view.BriefColumns(), func(e view.Entry) bool { return e.Notice() || e.Flags&view.InIncident != 0 })
}

func (b *book) unnoticed() error {
	return b.messageTable("unnoticed", view.BriefColumns(), func(e view.Entry) bool { return e.Flags&view.Unnoticed != 0 })
}

func (b *book) impersonations() error {
	columns := view.BriefColumns()
	for _, c := range view.Columns() {
		if c.ID == "signals" || c.ID == "links" || c.ID == "rule" {
			columns = append(columns, c)
		}
	}
	return b.messageTable("impersonations", columns, view.Entry.Fake)
}

func (b *book) messages() error {
	return b.messageTable("messages", view.Columns(), func(view.Entry) bool { return true })
}

// incidents writes one row for each sentence of each story, and one for each message.
func (b *book) incidents() error {
	s, err := b.open("incidents", b.col("kind", 24), b.col("severity", 9), b.col("begin", 17), b.col("end", 17), b.col("account", 26), b.col("order", 6), b.col("what", 90))
	if err != nil {
		return err
	}
	for _, i := range b.Incidents() {
		for n, line := range b.Texts(i.Story) {
			if err := s.add(b.cell(b.Word("kind", i.Kind)), b.styled(b.Severity(i.Severity), b.style.severity(i.Severity)),
				b.value(b.Local(i.Start)), b.value(b.Local(i.End)), b.cell(view.Safe(i.Account)), b.number(int64(n+1)), b.styled(line, b.style.wrap)); err != nil {
				return err
			}
		}
	}
	return s.finish()
}

// statements writes the calendar: a row for each series and year, a column for each month, each state with its mark and
// colour, the key beneath the title.
func (b *book) statements() error {
	columns := []column{b.col("years", 8), b.col("issuer", 22), b.col("account", 26), b.col("cadence", 10)}
	for m := time.January; m <= time.December; m++ {
		columns = append(columns, column{b.ShortMonth(m), 11})
	}
	columns = append(columns, b.col("total", 14))
	s, err := b.open("statements", columns...)
	if err != nil {
		return err
	}
	s.before = b.stateColours
	cell := func(ps []finding.Period) any {
		var parts []string
		for _, p := range ps {
			parts = append(parts, view.StateMark(p.State)+" "+b.Word("state", p.State))
		}
		return b.styled(strings.Join(parts, "\n"), b.style.wrap)
	}
	for _, y := range b.Calendar() {
		for _, r := range y.Rows {
			row := []any{b.number(int64(y.Year)), b.cell(b.Word("issuer", r.Series.Issuer)), b.cell(view.Safe(r.Series.Account)), b.cell(b.Word("cadence", r.Series.Cadence))}
			row[0] = b.cell(strconv.Itoa(y.Year))
			for _, ps := range r.Months {
				row = append(row, cell(ps))
			}
			if err := s.add(append(row, cell(r.Whole))...); err != nil {
				return err
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
	return b.file.SetConditionalFormat(s.name, "E"+strconv.Itoa(headRow+1)+":"+last, options)
}

func fill(color string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
}

func (b *book) hosts() error {
	s, err := b.open("hosts", b.col("kind", 18), b.col("host", 48), b.col("count", 10), b.col("first", 17), b.col("last", 17), b.col("example", 20))
	if err != nil {
		return err
	}
	add := func(kind string, list []view.Origin) error {
		for _, o := range list {
			m, err := b.Message(int(o.Example))
			if err != nil {
				return err
			}
			if err := s.add(b.cell(kind), b.cell(view.DefangHost(o.Name)), b.number(int64(o.Count)), b.unix(o.First), b.unix(o.Last), b.cell(view.Safe(m.ID))); err != nil {
				return err
			}
		}
		return nil
	}
	if err := add(b.Say("column.from"), b.Senders); err != nil {
		return err
	}
	if err := add(b.Say("column.links"), b.Hosts); err != nil {
		return err
	}
	return s.finish()
}

func (b *book) unix(t int64) any {
	if t == 0 {
		return nil
	}
	return b.timeCell(time.Unix(t, 0).In(b.Zone))
}

// evidence writes every source and, for each message and copy, where its bytes are and what they hash to.
func (b *book) evidence() error {
	s, err := b.open("evidence", b.col("kind", 12), b.col("id", 20), b.col("location", 70), b.col("offset", 16), b.col("length", 16), b.col("sha256", 66))
	if err != nil {
		return err
	}
	for _, src := range b.Sources() {
		if err := s.add(b.cell(b.Say("column.source")), nil, b.cell(view.Safe(src.Name)), b.number(0), b.number(src.Size), b.cell(digest(src.SHA256.IsZero(), src.SHA256.String()))); err != nil {
			return err
		}
		for _, k := range src.Skipped {
			if err := s.add(b.cell(b.Say("evidence.skipped")), nil, b.cell(view.SafeN(strings.Join(k.Path, "!"), view.MaxCell)), nil, b.number(k.Size), b.cell(b.Word("skipped", k.Reason))); err != nil {
				return err
			}
		}
	}
	err = b.Messages(func(_ int, m *finding.Message) error {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		if err := s.add(b.cell(b.Say("column.messages")), b.cell(view.Safe(m.ID)), b.cell(view.PathText(m.Location)), b.number(m.Location.Offset), b.number(m.Location.Length), b.cell(m.SHA256.String())); err != nil {
			return err
		}
		for _, c := range m.Copies {
			if err := s.add(b.cell(b.Say("column.copies")), b.cell(view.Safe(m.ID)), b.cell(view.PathText(c)), b.number(c.Offset), b.number(c.Length)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.finish()
}

func digest(zero bool, s string) string {
	if zero {
		return ""
	}
	return s
}

func (b *book) problems() error {
	s, err := b.open("problems", b.col("lost", 18), b.col("stage", 20), b.col("reason", 70), b.col("location", 60), b.col("offset", 16), b.col("length", 16))
	if err != nil {
		return err
	}
	err = b.Problems(func(p *finding.Problem) error {
		lost := b.styled(b.Say("problem.kept"), b.style.grey)
		if p.Lost {
			lost = b.styled(b.Say("problem.lost"), b.style.red)
		}
		return s.add(lost, b.cell(b.Word("stage", p.Stage)), b.styled(view.SafeN(p.Reason, view.MaxCell), b.style.wrap), b.cell(view.PathText(p.Location)), b.number(p.Location.Offset), b.number(p.Location.Length))
	})
	if err != nil {
		return err
	}
	return s.finish()
}
