// Package msg reads Outlook's .msg files: one message, taken apart into its properties ([MS-OXMSG]).
//
// The container is a compound file ([MS-CFB]), a small file system of storages and streams. The storage of a message, of a
// recipient and of an attachment each have a stream "__properties_version1.0": a header, and sixteen bytes for each property, with
// the value where it is of fixed length, and its length where it stands in a stream of its own, "__substg1.0_" and the property's
// tag in eight hexadecimal digits. Recipients lie in storages "__recip_version1.0_#" and a number, attachments in
// "__attach_version1.0_#"; a message inside a message in the storage "__substg1.0_3701000D" of its attachment. What the
// properties mean is package mapi's.
package msg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/richardlehane/mscfb"

	"github.com/mailaudit/mailaudit/analyzer/mailbox/mapi"
)

// Limits bound what is read of one file.
type Limits struct {
	Depth   int // of messages in messages
	Entries int // storages and streams
}

// Errors of files that are none, or that ask for too much.
var (
	ErrFormat = errors.New("no message file of Outlook, or a damaged one")
	ErrLimit  = errors.New("more parts than are read")
)

// Names of what lies in a storage.
const (
	propertiesName = "__properties_version1.0"
	streamPrefix   = "__substg1.0_"
	recipPrefix    = "__recip_version1.0_#"
	attachPrefix   = "__attach_version1.0_#"
	embeddedName   = streamPrefix + "3701000D"
)

// Headers of the stream of properties, in bytes: of the file's message, of one inside another, of a recipient or an attachment.
const (
	headerTop      = 32
	headerEmbedded = 24
	headerOther    = 8
)

// idAttachData is the id of the data of an attachment.
const idAttachData = 0x3701

// storage is a folder of the compound file.
type storage struct {
	streams map[string][]byte
	inside  map[string]*storage
}

// Read reads the message of a file. Values are not copied: data must not change while the message is used. What of it could not
// be read stands in its Problems; the error is ErrFormat, ErrLimit, or wraps one of them.
func Read(data []byte, lim Limits) (m *mapi.Message, err error) {
	defer func() {
		if v := recover(); v != nil {
			m, err = nil, fmt.Errorf("reading a compound file: %v: %w", v, ErrFormat) // of the library, on a damaged file
		}
	}()
	root, err := unpack(data, lim)
	if err != nil {
		return nil, err
	}
	return root.message(headerTop, 0, lim)
}

// unpack reads all streams of a compound file.
func unpack(data []byte, lim Limits) (*storage, error) {
	doc, err := mscfb.New(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("opening a compound file: %w: %w", err, ErrFormat)
	}
	root := &storage{}
	entries, left := 0, int64(len(data)) // chains of a damaged file lead through the same blocks again and again
	for f, err := doc.Next(); err == nil; f, err = doc.Next() {
		if entries++; entries > lim.Entries {
			return nil, ErrLimit
		}
		at := root
		for _, name := range f.Path {
			at = at.open(name)
		}
		if f.FileInfo().IsDir() {
			at.open(f.Name)
			continue
		}
		if f.Size < 0 || f.Size > left {
			continue
		}
		b := make([]byte, f.Size)
		n, err := io.ReadFull(doc, b)
		if err != nil && n == 0 && f.Size > 0 {
			continue
		}
		left -= f.Size
		if at.streams == nil {
			at.streams = make(map[string][]byte)
		}
		at.streams[f.Name] = b[:n]
	}
	if root.streams[propertiesName] == nil {
		return nil, ErrFormat
	}
	return root, nil
}

// open gives the storage of a name.
func (s *storage) open(name string) *storage {
	if s.inside == nil {
		s.inside = make(map[string]*storage)
	}
	if s.inside[name] == nil {
		s.inside[name] = &storage{}
	}
	return s.inside[name]
}

// message puts together the message of a storage.
func (s *storage) message(header, depth int, lim Limits) (*mapi.Message, error) {
	if s.streams[propertiesName] == nil {
		return nil, ErrFormat
	}
	m := &mapi.Message{Object: s.object(header)}
	for _, name := range s.numbered(recipPrefix) {
		m.Recipients = append(m.Recipients, s.inside[name].object(headerOther))
	}
	for _, name := range s.numbered(attachPrefix) {
		if err := s.inside[name].attach(m, depth, lim); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// numbered lists the storages whose names begin with a prefix, in the order of their hexadecimal numbers.
func (s *storage) numbered(prefix string) []string {
	var names []string
	for name := range s.inside {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return names
}

// attach adds the attachment of a storage to its message.
func (s *storage) attach(m *mapi.Message, depth int, lim Limits) error {
	p := s.object(headerOther)
	a := mapi.Attachment{Object: p}
	switch inner := s.inside[embeddedName]; {
	case inner != nil && inner.streams[propertiesName] != nil:
		if depth+1 >= lim.Depth {
			m.Problems = append(m.Problems, "messages lie in one another too deep")
			return nil
		}
		im, err := inner.message(headerEmbedded, depth+1, lim)
		if err != nil {
			m.Problems = append(m.Problems, "an attached message can't be read")
			return nil
		}
		a.Message = im
	case inner != nil:
		// An object of another program (OLE): its storage is no file that anybody sent.
	default:
		if v, ok := p.Property(idAttachData); ok {
			data := v.Data
			a.Size, a.Open = int64(len(data)), func() io.Reader { return bytes.NewReader(data) }
		}
	}
	m.Attachments = append(m.Attachments, a)
	return nil
}

// object is the set of properties of a storage.
type object struct {
	fixed map[uint16]mapi.Value
	s     *storage
	tags  map[uint16]uint16 // types of those in streams, by id
}

func (s *storage) object(header int) *object {
	o := &object{s: s, fixed: make(map[uint16]mapi.Value), tags: make(map[uint16]uint16)}
	b := s.streams[propertiesName]
	if len(b) > header {
		b = b[header:]
		for ; len(b) >= 16; b = b[16:] {
			tag := binary.LittleEndian.Uint32(b)
			id, typ := uint16(tag>>16), uint16(tag)
			if n := mapi.FixedSize(typ); n > 0 && n <= 8 {
				o.fixed[id] = mapi.Value{Type: typ, Data: b[8 : 8+n]}
			} else {
				o.tags[id] = typ
			}
		}
	}
	// A stream that the list does not name is there all the same.
	for name := range s.streams {
		tag, ok := strings.CutPrefix(name, streamPrefix)
		if n, err := strconv.ParseUint(tag, 16, 32); ok && len(tag) == 8 && err == nil && o.tags[uint16(n>>16)] == 0 {
			o.tags[uint16(n>>16)] = uint16(n)
		}
	}
	return o
}

// Property returns the value of a property.
func (o *object) Property(id uint16) (mapi.Value, bool) {
	if v, ok := o.fixed[id]; ok {
		return v, true
	}
	typ, ok := o.tags[id]
	if !ok {
		return mapi.Value{}, false
	}
	name := fmt.Sprintf("%s%04X%04X", streamPrefix, id, typ)
	b, ok := o.s.streams[name]
	if !ok {
		return mapi.Value{}, false
	}
	v := mapi.Value{Type: typ, Data: b}
	if typ&mapi.Multiple != 0 {
		v.Data, v.List = nil, o.list(name, b, typ&^mapi.Multiple)
	}
	return v, true
}

// list gives the values of a multiple property: of fixed length in one stream, else in streams of their own, named "-" and a
// number.
func (o *object) list(name string, b []byte, typ uint16) (list [][]byte) {
	if n := mapi.FixedSize(typ); n > 0 {
		for ; len(b) >= n; b = b[n:] {
			list = append(list, b[:n])
		}
		return list
	}
	for i := 0; ; i++ {
		v, ok := o.s.streams[fmt.Sprintf("%s-%08X", name, i)]
		if !ok {
			return list
		}
		list = append(list, v)
	}
}
