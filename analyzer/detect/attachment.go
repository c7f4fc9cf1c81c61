package detect

import (
	"path"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/message"
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
		marked := s.markPlain(name)
		if strings.Contains(marked, mark) || s.brand.Kind == "amazon" && (strings.Contains(name, "amz") || strings.Contains(name, "prime")) {
			if s.posing.any() || s.anyPhrase(squeeze(marked), "notice") || s.anyPhrase(squeeze(strings.ReplaceAll(marked, "_", " ")), "threat") {
				s.add("brand.attachment", a.Name)
			}
		}
		if len(strings.TrimSpace(s.text)) < 400 && (document(a.Type, name)) {
			s.addAs("attachment.only", finding.Medium, a.Name)
		}
	}
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
		return "page with scripts"
	}
	switch mediaType {
	case "application/x-apple-aspen-config":
		return "configuration profile"
	case "application/x-msdownload", "application/x-dosexec", "application/vnd.microsoft.portable-executable":
		return "program"
	case "image/svg+xml":
		return "page with scripts"
	}
	return ""
}

// attachmentLinks are the links that attachments and pictures hold.
func attachmentLinks(m *message.Message) []message.Link { return nil }
