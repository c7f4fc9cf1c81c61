package event

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// money is an amount: decimal digits with a point, and the ISO 4217 code.
type money struct{ digits, currency string }

// amountDigits is how many digits before the point an amount may have. Nothing Amazon sells or a card allows has more;
// what is longer is a number of something else, or nonsense.
const amountDigits = 9

// sign is how a currency is written before or behind a number, lower case.
type sign struct{ text, currency string }

// signs lists how currencies are written, the longer first where one starts with the other. "" stands for a sign that
// several currencies share: the marketplace decides (currencyHint).
var signs = [...]sign{
	{"jpy", "JPY"},
	{"円", "JPY"},
	{"¥", "¥"},
	{"rmb", "CNY"},
	{"cny", "CNY"},
	{"元", "CNY"},
	{"us$", "USD"},
	{"usd", "USD"},
	{"cdn$", "CAD"},
	{"ca$", "CAD"},
	{"cad", "CAD"},
	{"au$", "AUD"},
	{"a$", "AUD"},
	{"aud", "AUD"},
	{"s$", "SGD"},
	{"sgd", "SGD"},
	{"mx$", "MXN"},
	{"mxn", "MXN"},
	{"r$", "BRL"},
	{"brl", "BRL"},
	{"$", "$"},
	{"eur", "EUR"},
	{"€", "EUR"},
	{"gbp", "GBP"},
	{"£", "GBP"},
	{"chf", "CHF"},
	{"pln", "PLN"},
	{"zł", "PLN"},
	{"zl", "PLN"},
	{"sek", "SEK"},
	{"kr", "SEK"},
	{"try", "TRY"},
	{"tl", "TRY"},
	{"₺", "TRY"},
	{"inr", "INR"},
	{"₹", "INR"},
	{"rs.", "INR"},
	{"aed", "AED"},
	{"sar", "SAR"},
	{"egp", "EGP"},
	{"zar", "ZAR"},
}

// marketplaces name the currency that "$" and "¥" are where the message names the marketplace.
var marketplaces = [...]sign{
	{"amazon.com.mx", "MXN"},
	{"amazon.com.au", "AUD"},
	{"amazon.com.br", "BRL"},
	{"amazon.ca", "CAD"},
	{"amazon.sg", "SGD"},
	{"amazon.com.sg", "SGD"},
	{"amazon.cn", "CNY"},
	{"amazon.co.jp", "JPY"},
}

// hint tells which currency "$" and "¥" are: that of the marketplace named in the message, else of its language.
func (r *reading) hint() string {
	if r.asked {
		return r.market
	}
	r.asked = true
	first := min(marketplaceIn(fold(r.subject)), marketplaceIn(r.folded))
	if first < len(marketplaces) {
		r.market = marketplaces[first].currency
		return r.market
	}
	if r.language == "zh" {
		r.market = "CNY"
	}
	return r.market
}

// marketplaceIn returns which of the marketplaces a folded text names, the first of the list; their number for none.
func marketplaceIn(folded string) int {
	const start = "amazon." // of all of them
	first := len(marketplaces)
	for {
		at := strings.Index(folded, start)
		if at < 0 {
			return first
		}
		for i := range first {
			if strings.HasPrefix(folded[at:], marketplaces[i].text) {
				first = i
				break
			}
		}
		folded = folded[at+len(start):]
	}
}

// resolve resolves a sign that several currencies share.
func (r *reading) resolve(s sign) string {
	switch s.currency {
	case "$":
		switch hint := r.hint(); hint {
		case "MXN", "AUD", "CAD", "SGD":
			return hint
		}
		return "USD"
	case "¥":
		if r.hint() == "CNY" {
			return "CNY"
		}
		return "JPY"
	}
	return s.currency
}

// setFirstAmount takes the first amount of the subject or the text.
func (r *reading) setFirstAmount(d *finding.Details) {
	a, ok := r.firstAmount(r.subject)
	for i := 0; !ok && i < len(r.lines); i++ {
		a, ok = r.firstAmount(r.lines[i])
	}
	d.Amount, d.Currency = a.digits, a.currency
}

// firstAmount finds the first number in s that has a currency before or behind it.
func (r *reading) firstAmount(s string) (money, bool) {
	if strings.IndexFunc(s, unicode.IsDigit) < 0 {
		return money{}, false
	}
	s = strings.ToLower(s)
	for i := 0; i < len(s); {
		if !digit(s[i]) {
			i++
			continue
		}
		end := numberEnd(s, i)
		if c, ok := currencyAround(s, i, end); ok {
			currency := r.resolve(c)
			if n, ok := decimal(s[i:end], currency); ok {
				return money{n, currency}, true
			}
		}
		i = end
	}
	return money{}, false
}

// numberEnd returns the end of the number that starts at i: digits with separators between them.
func numberEnd(s string, i int) int {
	end := i
	for end < len(s) {
		switch c := s[end]; {
		case digit(c):
			end++
			continue
		case (c == '.' || c == ',' || c == '\'') && end+1 < len(s) && digit(s[end+1]):
			end++
			continue
		case c == ' ' && end+3 < len(s) && digits(s[end+1:end+4]) && (end+4 == len(s) || !digit(s[end+4])):
			end += 4 // "1 234,56 €"
			continue
		}
		break
	}
	return end
}

// currencyAround finds the currency written at a number.
func currencyAround(s string, start, end int) (sign, bool) {
	before := strings.TrimRight(s[:start], " ")
	after := strings.TrimLeft(s[end:], " ")
	for _, c := range signs {
		if strings.HasSuffix(before, c.text) && !letterBefore(before[:len(before)-len(c.text)], c.text) {
			return c, true
		}
		if strings.HasPrefix(after, c.text) && !letterAfter(after[len(c.text):], c.text) {
			return c, true
		}
	}
	return sign{}, false
}

// letterBefore and letterAfter tell whether a sign made of letters is part of a longer word.
func letterBefore(rest, sign string) bool {
	r, _ := utf8.DecodeLastRuneInString(rest)
	return latin(rune(sign[0])) && latin(r)
}

func letterAfter(rest, sign string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return latin(rune(sign[len(sign)-1])) && latin(r)
}

func latin(r rune) bool { return 'a' <= r && r <= 'z' }

// decimal turns a number as written into digits with a point. The last separator is the decimal one where one or two
// digits follow it, or where it differs from the others; else separators group thousands.
func decimal(s, currency string) (string, bool) {
	last := strings.LastIndexAny(s, ".,")
	whole, fraction := s, ""
	if last >= 0 {
		tail := len(s) - last - 1
		if tail <= 2 || tail != 3 && strings.Count(s, s[last:last+1]) == 1 {
			whole, fraction = s[:last], s[last+1:]
		}
	}
	var b strings.Builder
	for i := range len(whole) {
		if digit(whole[i]) {
			b.WriteByte(whole[i])
		}
	}
	n := strings.TrimLeft(b.String(), "0")
	if n == "" {
		n = "0"
	}
	if len(n) > amountDigits || len(fraction) > 4 || !digits(fraction) {
		return "", false
	}
	if currency == "JPY" && strings.Trim(fraction, "0") == "" {
		fraction = ""
	}
	if fraction != "" {
		n += "." + fraction
	}
	return n, true
}
