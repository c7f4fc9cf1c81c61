package attachment

import (
	"bytes"
	"encoding/xml"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message/htmltext"
)

// profile finds the URLs in an Apple configuration profile: a property list in XML, perhaps inside a CMS signature,
// whose bytes are then passed over. Such a profile can put a web clip on the home screen, change the mail accounts or
// send all traffic through a proxy.
func profile(f File, lim limit.Limits) []Found {
	data := clip(f.Data, lim.Text)
	if i := bytes.Index(data, []byte("<plist")); i > 0 {
		data = data[i:]
	}
	if i := bytes.LastIndex(data, []byte("</plist>")); i >= 0 {
		data = data[:i+len("</plist>")]
	}
	var found []Found
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict = false
	inString := false
	for len(found) < lim.Links {
		tok, err := d.Token()
		if err != nil {
			break // damaged or signed: what was read so far stands
		}
		switch t := tok.(type) {
		case xml.StartElement:
			inString = t.Name.Local == "string"
		case xml.EndElement:
			inString = false
		case xml.CharData:
			if !inString {
				continue
			}
			for _, l := range htmltext.PlainLinks(string(t), lim.Links) {
				found = append(found, Found{Target: l.Target, From: "mobileconfig"})
			}
		}
	}
	if len(found) == 0 {
		for _, l := range htmltext.PlainLinks(strings.ToValidUTF8(string(data), " "), lim.Links) {
			found = append(found, Found{Target: l.Target, From: "mobileconfig"})
		}
	}
	return once(found)
}
