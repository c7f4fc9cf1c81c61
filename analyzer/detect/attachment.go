package detect

import (
	"bytes"
	stdcontext "context"
	"path"
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/message/attachment"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// attachments judges what is attached: files that run, files that carry the message instead of its text, and files named
// as a notice of the brand.
func attachments(s *scene) {
	for i, a := range s.m.Attachments {
		if i >= 50 {
			return
		}
		name := script.Fold(a.Name)
		if kind := dangerous(name, a.Type); kind != "" && !a.Inline {
			s.add("attachment.dangerous", a.Name+" ("+kind+")")
		}
		picture := strings.HasPrefix(a.Type, "image/")
		if picture || a.Inline {
			continue
		}
		s.attachedName(name, a.Name)
		for _, inside := range attachment.Members(a.File()) {
			name := script.Fold(inside)
			if kind := dangerous(name, ""); kind != "" && kind != webPage {
				s.add("attachment.dangerous", inside+" ("+kind+")")
			}
			s.attachedName(name, a.Name+": "+inside)
		}
		s.attachedPage(i)
		if len(s.text) < attachmentText && document(a.Type, name) {
			s.addAs("attachment.only", finding.Medium, a.Name)
		}
	}
}

// attachedName judges the name of a file, folded.
func (s *scene) attachedName(name, shown string) {
	marked := s.markNames(strings.ReplaceAll(name, "_", " "))
	if !strings.Contains(marked, mark) && !s.shortened(name) {
		return
	}
	notice := s.says(squeeze(marked)).any(setOf(kindNotice, kindThreat, kindObject))
	switch {
	case dangerous(name, "") != "" && dangerous(name, "") != webPage && !s.excused():
		s.addAs("brand.attachment", finding.Strong, shown) // nobody sends a program under the brand's name
		s.add("action.open_attachment", shown)
	case s.posing.any() || notice:
		s.add("brand.attachment", shown)
	}
}

// attachedPage finds a page to open that speaks as the brand and takes what the reader types or leads elsewhere: honest
// senders put their pages on their own sites.
func (s *scene) attachedPage(i int) {
	a := &s.m.Attachments[i]
	kind := attachment.Kind(a.Type)
	if kind == "zip" && !slices.ContainsFunc(attachment.Members(a.File()), func(name string) bool { return dangerous(script.Fold(name), "") == webPage }) {
		return
	}
	if kind != "html" && kind != "svg" && kind != "zip" || s.excused() || s.ownLinks() && !s.faceless() && !s.lone() {
		return
	}
	marked := s.squeezeMarked(script.Fold(s.file(i).text))
	if !strings.Contains(marked, mark) {
		return
	}
	code := bytes.ToLower(a.Data[:min(len(a.Data), textHead)])
	acts := bytes.Contains(code, []byte("<form")) || bytes.Contains(code, []byte("<script"))
	switch {
	case acts && len(marked) < letterLength, s.says(marked).any(setOf(kindLogin, kindPay, kindConfirm, kindThreat)) && s.anonymous():
		s.addAs("brand.attachment", finding.Strong, a.Name)
	}
}

// shortened reports whether the name of a file holds an abbreviation of the brand or, where they are the brand's alone, a product.
func (s *scene) shortened(name string) bool {
	holds := func(w string) bool { return strings.Contains(name, w) }
	return slices.ContainsFunc(s.words.Short, holds) || s.brand.Can(brand.Products) && slices.ContainsFunc(s.words.Products, holds)
}

// attachmentText is how much text, in bytes, a message has that leaves its errand to an attachment.
const attachmentText = 600

// attachedText is the text of attachments for a message that leaves its errand to them: who opens them reads it as the
// sender's words.
func (s *scene) attachedText() string {
	var b strings.Builder
	for i := range s.m.Attachments {
		a := &s.m.Attachments[i]
		if i >= maxInspected || b.Len() > textHead {
			break
		}
		kind := attachment.Kind(a.Type)
		if a.Type == "message/rfc822" || kind == attachment.QR {
			continue // read as a message; without text
		}
		if text := s.file(i).text; text != "" {
			b.WriteString("\n" + text)
			s.pagesRead = s.pagesRead || kind == attachment.PDF || kind == "office"
		}
	}
	return b.String()
}

// file is what an attachment holds.
type file struct {
	text    string
	links   []attachment.Found
	defects []attachment.Defect
}

// file reads the attachment of an index once, for its text and its links.
func (s *scene) file(i int) file {
	if f, known := s.files[i]; known {
		return f
	}
	var f file
	f.text, f.links, f.defects = attachment.Read(stdcontext.Background(), s.m.Attachments[i].File(), s.in.Limits, s.in.Inspect)
	if s.files == nil {
		s.files = make(map[int]file)
	}
	s.files[i] = f
	return f
}

// document tells for files that show a page.
func document(mediaType, name string) bool {
	switch path.Ext(name) {
	case ".pdf", ".doc", ".docx", ".html", ".htm", ".shtml", ".svg", ".eml", ".ics", ".rtf", ".xps":
		return true
	}
	return mediaType == "application/pdf" || strings.Contains(mediaType, "word") || mediaType == "text/html"
}

// dangerous says what a file can do when opened, "" for nothing known.
func dangerous(name, mediaType string) string {
	switch path.Ext(name) {
	case ".exe", ".scr", ".com", ".pif", ".bat", ".cmd", ".ps1", ".msi", ".jar", ".apk", ".dmg", ".pkg", ".app":
		return "program"
	case ".js", ".jse", ".vbs", ".vbe", ".wsf", ".hta", ".lnk", ".url", ".scf", ".library-ms":
		return "script or shortcut"
	case ".mobileconfig":
		return "configuration profile"
	case ".iso", ".img", ".vhd", ".vhdx", ".one", ".ace", ".cab":
		return "container"
	case ".docm", ".xlsm", ".pptm", ".xll", ".xlam", ".slk":
		return "macros"
	case ".html", ".htm", ".shtml", ".xhtml", ".svg":
		return webPage
	}
	switch mediaType {
	case "application/x-apple-aspen-config":
		return "configuration profile"
	case "application/x-msdownload", "application/x-dosexec", "application/vnd.microsoft.portable-executable":
		return "program"
	case "image/svg+xml":
		return webPage
	}
	return ""
}

// webPage is what dangerous says of files that a browser shows.
const webPage = "page with scripts"

// Bounds of looking into files: pictures cost most. A fake has one code; more pictures than these are a catalogue.
const (
	maxInspected = 10
	maxPictures  = 4
	minPicture   = 400 // bytes; smaller ones are spacers and bullets
)

// attachmentLinks reads the links that attachments and pictures hold: QR codes, PDF, HTML, SVG, calendars, profiles. What
// could not be read becomes a problem.
func (s *scene) attachmentLinks() []message.Link {
	var out []message.Link
	inspected, pictures := 0, 0
	for i := range s.m.Attachments {
		a := &s.m.Attachments[i]
		if len(a.Data) == 0 || inspected >= maxInspected {
			continue
		}
		source := "attachment"
		if attachment.Kind(a.Type) == attachment.QR {
			if pictures++; pictures > maxPictures || len(a.Data) < minPicture {
				continue
			}
			source = "qr"
		}
		inspected++
		file := s.file(i)
		for _, d := range file.defects {
			s.problems = append(s.problems, finding.Problem{Stage: "mime", Reason: d.Kind + ": " + d.Detail, Lost: d.Lost})
		}
		for i, f := range file.links {
			if i >= 200 {
				break
			}
			shown := f.Shown
			if shown == "" {
				shown = a.Name
			}
			out = append(out, message.Link{Shown: shown, Target: f.Target, Source: source})
		}
	}
	return out
}
