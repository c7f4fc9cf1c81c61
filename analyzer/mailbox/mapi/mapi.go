// Package mapi turns messages as Outlook and Exchange keep them into messages as they travel.
//
// Outlook holds no mail as it came: it takes a message apart into properties ([MS-OXPROPS]), a table of recipients and a
// list of attachments, and keeps of the original only the header, as text, in PidTagTransportMessageHeaders. A .pst file, a
// .msg file and winmail.dat are three containers of the same properties. Each has a reader of its own, which gives a
// Message; Convert writes it as an RFC 5322 message again: the header as received, without the fields that spoke of the
// original MIME structure, and a body made of what the properties hold, plain, HTML, or RTF from which the HTML is taken out
// again ([MS-OXRTFEX]). The same properties give the same bytes, on any machine and in any version of the container, and
// nothing of what Outlook keeps of reading and filing goes into them.
//
// What the original looked like cannot be known: a signature over its body (DKIM, S/MIME but for clear-signed mail) no longer
// holds. The results that the provider wrote into the header are as they were.
package mapi

import (
	"encoding/binary"
	"io"
	"math"
	"strings"
	"time"
	"unicode/utf16"
)

// Object is a set of properties: of a message, a recipient, an attachment, a folder.
type Object interface {
	// Property returns the value of a property by its id; ok is false where there is none, or it can't be read.
	Property(id uint16) (v Value, ok bool)
}

// Message is a message with what belongs to it.
type Message struct {
	Object
	Recipients  []Object
	Attachments []Attachment
	Problems    []string // what could not be read of it, for people
}

// Attachment is one attachment of a message.
type Attachment struct {
	Object
	Size    int64            // of the data
	Open    func() io.Reader // gives exactly Size bytes; nil where there are none
	Message *Message         // an embedded message, instead of data
}

// Ids of the properties that are read here ([MS-OXPROPS]).
const (
	idMessageClass       = 0x001A
	idSubject            = 0x0037
	idClientSubmitTime   = 0x0039
	idSubjectPrefix      = 0x003D
	idSentName           = 0x0042 // PidTagSentRepresentingName: whom the message is from
	idSentAddress        = 0x0065
	idTransportHeaders   = 0x007D
	idRecipientType      = 0x0C15
	idSenderName         = 0x0C1A // who sent it, for another or for himself
	idSenderAddress      = 0x0C1F
	idDisplayBcc         = 0x0E02
	idDisplayCc          = 0x0E03
	idDisplayTo          = 0x0E04
	idDeliveryTime       = 0x0E06
	idMessageFlags       = 0x0E07
	idMessageStatus      = 0x0E17
	idNormalizedSubject  = 0x0E1D
	idBody               = 0x1000
	idRTFCompressed      = 0x1009
	idHTML               = 0x1013
	idInternetMessageID  = 0x1035
	idInternetReferences = 0x1039
	idInReplyTo          = 0x1042
	idListUnsubscribe    = 0x1045
	idIconIndex          = 0x1080
	idLastVerb           = 0x1081
	idFlagStatus         = 0x1090
	idDisplayName        = 0x3001
	idEmailAddress       = 0x3003
	idAttachFilename     = 0x3704
	idAttachMethod       = 0x3705
	idAttachLongFilename = 0x3707
	idAttachPathname     = 0x3708
	idAttachLongPathname = 0x370D
	idAttachMimeTag      = 0x370E
	idAttachContentID    = 0x3712
	idAttachLocation     = 0x3713
	idSMTPAddress        = 0x39FE
	idInternetCodepage   = 0x3FDE
	idMessageLocale      = 0x3FF1
	idMessageCodepage    = 0x3FFD
	idSenderSMTP         = 0x5D01
	idSentSMTP           = 0x5D02
)

// Types of values ([MS-OXCDATA] 2.11.1).
const (
	Int16    = 0x0002
	Int32    = 0x0003
	Float32  = 0x0004
	Float64  = 0x0005
	Currency = 0x0006
	AppTime  = 0x0007
	Error    = 0x000A
	Boolean  = 0x000B
	Embedded = 0x000D // PtypObject
	Int64    = 0x0014
	String8  = 0x001E // in a code page
	String   = 0x001F // UTF-16, little endian
	Time     = 0x0040 // FILETIME
	GUID     = 0x0048
	Binary   = 0x0102
	Multiple = 0x1000 // a flag: many of the type
)

// FixedSize is the length of values of a type, 0 for those of any length.
func FixedSize(typ uint16) int {
	switch typ {
	case Int16, Boolean:
		return 2
	case Int32, Float32, Error:
		return 4
	case Float64, Currency, AppTime, Int64, Time:
		return 8
	case GUID:
		return 16
	}
	return 0
}

// Value is the value of a property as stored.
type Value struct {
	Type uint16
	Data []byte
	List [][]byte // of a multiple one
}

// Int is the value of an integer or a boolean.
func (v Value) Int() (n int64, ok bool) {
	b := v.Data
	switch {
	case (v.Type == Int32 || v.Type == Error) && len(b) >= 4:
		return int64(int32(binary.LittleEndian.Uint32(b))), true
	case (v.Type == Int16 || v.Type == Boolean) && len(b) >= 2:
		return int64(int16(binary.LittleEndian.Uint16(b))), true
	case v.Type == Boolean && len(b) == 1:
		return int64(b[0]), true
	case v.Type == Int64 && len(b) >= 8:
		return int64(binary.LittleEndian.Uint64(b)), true
	}
	return 0, false
}

// fileTimeEpoch is how many steps of 100 ns lie between 1601 and 1970.
const fileTimeEpoch = 116444736000000000

// Time is the value of a time; ok is false for the times that stand for none.
func (v Value) Time() (t time.Time, ok bool) {
	if v.Type != Time || len(v.Data) < 8 {
		return time.Time{}, false
	}
	n := binary.LittleEndian.Uint64(v.Data)
	if n < fileTimeEpoch || n > math.MaxInt64 {
		return time.Time{}, false
	}
	n -= fileTimeEpoch
	t = time.Unix(int64(n/1e7), int64(n%1e7)*100).UTC()
	return t, t.Year() < 4500 // Outlook writes 4501 for "none"
}

// Text is the value of a string as UTF-8. codepage is what 8-bit strings are in, 0 where that is not known.
func (v Value) Text(codepage int) string { return text(v.Type, v.Data, codepage) }

// Texts are the values of a multiple string.
func (v Value) Texts(codepage int) []string {
	var list []string
	for _, b := range v.List {
		list = append(list, text(v.Type&^Multiple, b, codepage))
	}
	return list
}

func text(typ uint16, b []byte, codepage int) string {
	switch typ {
	case String:
		return strings.TrimRight(UTF16(b), "\x00")
	case String8:
		return strings.TrimRight(Decode(codepage, b), "\x00")
	}
	return ""
}

// UTF16 decodes UTF-16 of little endian.
func UTF16(b []byte) string {
	u := make([]uint16, len(b)/2)
	ascii := true
	for i := range u {
		u[i] = binary.LittleEndian.Uint16(b[2*i:])
		ascii = ascii && u[i] < 0x80
	}
	if ascii {
		out := make([]byte, len(u))
		for i, c := range u {
			out[i] = byte(c)
		}
		return string(out)
	}
	return string(utf16.Decode(u))
}

// integer is an integer property.
func integer(o Object, id uint16) (int64, bool) {
	v, ok := o.Property(id)
	if !ok {
		return 0, false
	}
	return v.Int()
}

// str is a string property, "" where there is none.
func (m *Message) str(o Object, id uint16) string {
	v, ok := o.Property(id)
	if !ok {
		return ""
	}
	return v.Text(m.Codepage())
}

// Class is the message class: "IPM.Note" for mail.
func (m *Message) Class() string { return m.str(m, idMessageClass) }

// Speaks reports whether there is anything of a message but its place: a header, a subject or a text.
func (m *Message) Speaks() bool {
	for _, id := range []uint16{idTransportHeaders, idSubject, idBody, idHTML, idRTFCompressed} {
		if v, ok := m.Property(id); ok && len(v.Data) > 0 {
			return true
		}
	}
	return false
}

// IsMail reports whether the message class is one of mail, among all that Outlook keeps in folders: appointments, contacts,
// tasks, notes, journals and settings are messages to it too. A class that is not known is taken for mail.
func (m *Message) IsMail() bool {
	class := strings.ToLower(m.Class())
	for _, other := range []string{
		"ipm.contact", "ipm.distlist", "ipm.appointment", "ipm.task", "ipm.activity", "ipm.stickynote", "ipm.configuration",
		"ipm.microsoft", "ipm.document", "ipm.ole.class", "ipm.abchperson", "ipm.rule", "ipm.extendedrule", "ipm.outlook.view", "ipm.note.rules.replytemplate",
	} {
		if class == other || strings.HasPrefix(class, other+".") {
			return false
		}
	}
	return true
}
