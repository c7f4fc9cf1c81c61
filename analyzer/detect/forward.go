package detect

import (
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// forwardMarks stand before the subject of a forwarded message, folded.
var forwardMarks = []string{"fwd:", "fw:", "wg:", "tr:", "rv:", "i:", "enc:", "fs:", "vs:", "doorst:", "転送:", "转发:", "轉寄:", "転送 "}

// forwardLines begin the quotation of a forwarded message, folded.
var forwardLines = []string{
	"---------- forwarded message", "-------- forwarded message", "----- forwarded message", "begin forwarded message", "-----original message-----", "-------- original message",
	"---------- 転送されたメッセージ", "-------- 転送", "---- 転送", "----- 元のメッセージ", "-----original", "________________________________", "----- 転送メッセージ", "転送メッセージの始まり", "転送されたメッセージ:",
	"---------- weitergeleitete nachricht", "-------- weitergeleitete nachricht", "anfang der weitergeleiteten", "-----ursprungliche nachricht", "---------- message transfere", "---------- mensaje reenviado", "---------- messaggio inoltrato", "---------- mensagem encaminhada", "-----mensagem original",
	"---------- doorgestuurd", "---------- 转发", "---------- 轉寄",
}

// headWords are the names of the fields in the little header that mail programs put over a forwarded message, folded,
// with the field that each means.
var headWords = map[string]string{
	"from": "from", "von": "from", "de": "from", "da": "from", "van": "from", "od": "from", "差出人": "from", "送信者": "from", "发件人": "from", "寄件者": "from", "from(差出人)": "from",
	"subject": "subject", "betreff": "subject", "objet": "subject", "asunto": "subject", "oggetto": "subject", "assunto": "subject", "onderwerp": "subject", "件名": "subject", "主题": "subject", "主旨": "subject",
	"date": "date", "datum": "date", "sent": "date", "gesendet": "date", "envoye": "date", "enviado": "date", "enviada el": "date", "inviato": "date", "data": "date", "verzonden": "date", "送信日時": "date", "日時": "date", "日付": "date",
	"to": "to", "an": "to", "a": "to", "para": "to", "宛先": "to",
}

// longestHead is at least how many bytes stand before the colon of such a line.
const longestHead = 20

// headField returns the field that a folded line of such a header is; "" for other lines. Its name may stand between
// asterisks, which are bold type in plain text, and may have a space before its colon.
func headField(line string) string {
	colon := strings.IndexByte(line[:min(len(line), longestHead+1)], ':')
	if colon < 0 {
		return ""
	}
	name := strings.TrimPrefix(line[:colon], "*")
	return headWords[strings.TrimSuffix(strings.TrimSuffix(name, " "), "*")]
}

// forwardOwn is how much text of his own, in bytes, a person writes who does more than pass a message on.
const forwardOwn = 200

// forward finds a message that a person forwards in line. What the person wrote above is cut off, and the sender and
// subject of the inner message are judged instead of the person's, whose own name poses as nobody.
func forward(s *scene) {
	subject := strings.TrimSpace(s.foldedSubject)
	marked := slices.ContainsFunc(forwardMarks, func(m string) bool { return strings.HasPrefix(subject, m) })
	at, head := s.forwardHead()
	if s.senderPoses() {
		// Nobody who forwards bears the name of the brand: the forward is dressed up.
		return
	}
	if at < 0 || len(head) < 2 || !marked && !s.forwardLine(at) {
		if marked && len(s.m.Inner) > 0 {
			s.out.Forward = "attached"
		}
		return
	}
	own := 0
	for _, l := range s.lines[:at] {
		own += len(l.raw)
		s.reports = s.reports || warns(l.folded)
	}
	s.out.Forward = "inline"
	s.out.ForwardOnly = own < forwardOwn
	if from := head["from"]; from != "" {
		if list := message.ParseAddresses(strings.NewReplacer("<mailto:", "<", "[mailto:", "<", "]", ">", "*", "").Replace(from)); len(list) > 0 {
			s.original = list[0]
			if s.original.Name == "" && !strings.Contains(s.original.Address, "@") {
				s.original.Name = from
			}
			s.from, s.local, s.host = s.original, "", ""
			self := s.fromSelf
			s.sender()
			s.fromSelf = self
		}
	}
	if subject := head["subject"]; subject != "" {
		s.subject, s.subjectHow = s.asSeen(strings.TrimSpace(script.Fold(subject)))
	}
	s.lines = s.lines[at:]
	s.add("context.forward", s.m.Subject)
}

// forwardHead finds the little header of a forwarded message among the first lines and returns where it starts.
func (s *scene) forwardHead() (at int, head map[string]string) {
	at = -1
	for i := 0; i < len(s.lines) && i < 400; i++ {
		l := s.lines[i]
		if len(l.folded) > 1000 {
			continue
		}
		key := ""
		if strings.IndexByte(l.folded, ':') >= 0 {
			key = headField(strings.TrimSpace(l.folded))
		}
		if key == "" {
			if at >= 0 && i-at > 8 {
				break
			}
			continue
		}
		if at < 0 {
			if key != "from" {
				continue
			}
			at, head = i, map[string]string{}
		}
		if _, value, ok := strings.Cut(strings.ReplaceAll(l.raw, "：", ":"), ":"); ok && head[key] == "" {
			head[key] = strings.TrimSpace(strings.Trim(value, "* "))
		}
		if key == "subject" {
			break
		}
	}
	return at, head
}

// forwardLine reports whether a line that begins a quotation stands right above a place.
func (s *scene) forwardLine(at int) bool {
	for i := max(0, at-3); i < at; i++ {
		for _, m := range forwardLines {
			if strings.HasPrefix(strings.TrimSpace(s.lines[i].folded), m) {
				return true
			}
		}
	}
	return false
}

// senderPoses reports whether the display name is a name of a brand, though the address is not one of its own.
func (s *scene) senderPoses() bool {
	if s.via || s.name == "" {
		return false
	}
	if _, _, official := s.officialSender(s.host); official {
		return false
	}
	poses := false
	s.in.Brands.Mentions(s.name, func(m brand.Mention, at int) bool {
		poses = m.Word.Kind == "name" && bounded(s.name, at, at+len(m.Word.Text))
		return !poses
	})
	return poses
}
