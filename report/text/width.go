package text

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

// eastAsian tells the columns of a character. Ambiguous ones count one column whatever the locale: output must not depend
// on where it was made.
var eastAsian = &runewidth.Condition{EastAsianWidth: false, StrictEmojiNeutral: true}

// columns is the number of terminal columns s takes.
func columns(s string) int { return eastAsian.StringWidth(s) }

func pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-columns(s))) }

func padLeft(s string, n int) string { return strings.Repeat(" ", max(0, n-columns(s))) + s }

// noStart are characters that do not begin a line (JIS X 4051, the part that matters here), noEnd those that do not end
// one.
const (
	noStart = "、。，．・：；？！）」』】〉》］｝〕々ーぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;?!)]}%…"
	noEnd   = "（「『【〈《［｛〔([{"
)

// wrap breaks s into lines of at most width columns: between words, between East Asian characters, and inside a word only
// where it is longer than a line.
func wrap(s string, width int) []string {
	width = max(width, 8)
	var lines []string
	line, used := "", 0
	for _, piece := range pieces(s) {
		w := columns(strings.TrimRight(piece, " ")) // spaces at the end of a line take no room
		if used+w > width && used > 0 {
			lines = append(lines, strings.TrimRight(line, " "))
			line, used = "", 0
		}
		for w > width {
			head := eastAsian.Truncate(piece, width, "")
			if head == "" {
				break
			}
			lines = append(lines, head)
			piece = piece[len(head):]
			w = columns(strings.TrimRight(piece, " "))
		}
		line += piece
		used += columns(piece)
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// pieces cuts s at the places where a line may end.
func pieces(s string) []string {
	runes := []rune(s)
	var out []string
	start := 0
	for i := 1; i < len(runes); i++ {
		before, after := runes[i-1], runes[i]
		breakable := before == ' ' && after != ' ' || wide(before) && after != ' ' || wide(after) && before != ' '
		if breakable && !strings.ContainsRune(noStart, after) && !strings.ContainsRune(noEnd, before) {
			out = append(out, string(runes[start:i]))
			start = i
		}
	}
	if start < len(runes) {
		out = append(out, string(runes[start:]))
	}
	return out
}

func wide(r rune) bool { return eastAsian.RuneWidth(r) == 2 }
