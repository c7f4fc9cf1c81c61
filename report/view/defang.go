package view

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mailaudit/mailaudit/analyzer/script"
)

// Defanging writes what leads somewhere so that no program makes a link of it and no reader opens it by mistake:
// hxxps://evil[.]example, x[@]evil[.]example. What is written so already stays as it is.

// DefangHost writes a host so that nothing makes a link of it: evil[.]example.
func DefangHost(host string) string { return bracketDots(script.Visible(CutText(host, MaxShown))) }

// DefangAddress writes an address so that nothing makes a link of it: x[@]evil[.]example.
func DefangAddress(address string) string { return bracketAts(DefangHost(address)) }

// DefangURL writes a URL so that nothing makes a link of it: hxxps://evil[.]example/sign[.]php.
func DefangURL(u string) string {
	s := script.Visible(CutText(strings.TrimSpace(u), MaxShown))
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || strings.ContainsAny(scheme, "/?#.[") {
		return bracketAts(bracketDots(s))
	}
	return defangScheme(scheme) + ":" + bracketAts(bracketDots(rest))
}

// Source makes a line of a message's source harmless to look at, at most n characters of it.
func Source(line string, n int) string { return defangQuote(SafeN(line, n)) }

func bracketDots(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "[.]", "."), ".", "[.]")
}

func bracketAts(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "[@]", "@"), "@", "[@]")
}

// defangScheme spells a scheme so that no program knows it.
func defangScheme(scheme string) string {
	switch strings.ToLower(scheme) {
	case "http", "hxxp":
		return "hxxp"
	case "https", "hxxps":
		return "hxxps"
	case "ftp", "fxp":
		return "fxp"
	}
	if strings.HasSuffix(scheme, "-x") {
		return scheme
	}
	return scheme + "-x"
}

// defangQuote defangs the hosts and addresses within a quotation. Version numbers (Supmailer 38.1.2), names of files
// (invoice.pdf), dates and the full stops of sentences stay as they are.
func defangQuote(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "[.]", "."), "[@]", "@")
	var b strings.Builder
	for s != "" {
		n := strings.IndexFunc(s, inName)
		if n < 0 {
			break
		}
		b.WriteString(s[:n])
		s = s[n:]
		if n = strings.IndexFunc(s, func(r rune) bool { return !inName(r) }); n < 0 {
			n = len(s)
		}
		b.WriteString(defangName(s[:n]))
		s = s[n:]
	}
	b.WriteString(s)
	return b.String()
}

// inName reports whether r may stand in a host or an address.
func inName(r rune) bool {
	return r == '.' || r == '@' || r == '-' || r == '_' || r == '+' || r == '=' || r == '*' || unicode.In(r, unicode.L, unicode.M, unicode.N)
}

// defangName defangs a run of characters of names where it is an address or a host.
func defangName(s string) string {
	if local, domain, ok := strings.Cut(strings.Trim(s, ".-_+=*"), "@"); ok && local != "" && domain != "" {
		return bracketAts(bracketDots(s))
	}
	name := strings.Trim(s, ".-_+=*@")
	if !hostLike(name) {
		return s
	}
	return strings.Replace(s, name, bracketDots(name), 1)
}

// hostLike reports whether a name with dots may be a host: its last label is a word, and none that files end in; or it is
// four numbers up to 255. Text in a script that sets no spaces may follow: amazon.co.jpへ.
func hostLike(s string) bool {
	labels := strings.Split(s, ".")
	if len(labels) < 2 || slices.Contains(labels, "") {
		return false
	}
	if len(labels) == 4 && !slices.ContainsFunc(labels, func(l string) bool { return !octet(l) }) {
		return true
	}
	last := labels[len(labels)-1]
	if n := strings.IndexFunc(last, func(r rune) bool { return r >= 0x2e80 }); n > 0 {
		last = last[:n]
	}
	if len(last) < 2 || strings.ContainsAny(last, "_+=*") || strings.IndexFunc(last, unicode.IsLetter) != 0 {
		return false
	}
	if strings.ContainsFunc(last, unicode.IsDigit) && !strings.HasPrefix(strings.ToLower(last), "xn--") {
		return false
	}
	return !slices.Contains(fileEndings, strings.ToLower(last))
}

func octet(s string) bool {
	if len(s) == 0 || len(s) > 3 || strings.Trim(s, "0123456789") != "" {
		return false
	}
	return len(s) < 3 || s <= "255"
}

// fileEndings are endings of file names that mails attach or that programs are called by. Those that are top-level domains
// too and stand at the end of many a host, .com and .app, are none.
var fileEndings = strings.Fields(`7z apk asp aspx bat bin bmp cfg chm cmd css csv dat dll dmg doc docm docx eml exe gif gz hta htm html
	ics img iso jar jpeg jpg js json jsp lnk log md mht msg msi odt pdf php png ppt pptx ps1 py rar rtf scr sh shtml svg tar
	tgz tif tiff tmp txt vbs vcf vhd wav webp wsf xhtml xls xlsb xlsm xlsx xml xz zip`)
