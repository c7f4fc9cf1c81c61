package xlsx

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/xuri/excelize/v2"
)

// contentTypes is the part of the package that lists the others (ECMA-376 part 2 §7.2.3).
const contentTypes = "[Content_Types].xml"

// sheetEnd ends the rows of a sheet's part.
const sheetEnd = "</sheetData>"

// save writes the workbook with its parts in a fixed order. excelize keeps streamed sheets and content types in maps, so
// their order changes from run to run; the parts are copied as they are, without inflating them, by way of a temporary
// file, and those with rows on the spool with these rows in them.
func (b *book) save(w io.Writer) error {
	tmp, err := os.Create(filepath.Join(b.scratch, "package"))
	if err != nil {
		return err
	}
	defer tmp.Close()
	// Left to itself excelize builds the whole file in memory first.
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter {
		z := zip.NewWriter(tmp)
		z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, packing) })
		return z
	})
	if err := b.file.Write(io.Discard); err != nil {
		return err
	}
	size, err := tmp.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	in, err := zip.NewReader(tmp, size)
	if err != nil {
		return err
	}
	out := zip.NewWriter(w)
	slices.SortFunc(in.File, func(a, b *zip.File) int {
		// Programs that look at the first part to know the format expect the list of parts there.
		if (a.Name == contentTypes) != (b.Name == contentTypes) {
			if a.Name == contentTypes {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	filled := 0
	for _, part := range in.File {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		switch rows := b.insets[part.Name]; {
		case rows != nil:
			filled++
			err = b.fillPart(out, part, rows)
		case part.Name == contentTypes:
			err = copyContentTypes(out, part)
		default:
			err = copyPart(out, part)
		}
		if err != nil {
			return fmt.Errorf("part %s: %w", part.Name, err)
		}
	}
	if filled != len(b.insets) {
		return fmt.Errorf("%d sheets have rows, %d of them are in the package", len(b.insets), filled)
	}
	return out.Close()
}

// firstDay is 1 January 1980 in the form of ZIP: the oldest date it knows, and the same for every part.
const firstDay = 1<<5 | 1

func copyPart(out *zip.Writer, part *zip.File) error {
	raw, err := part.OpenRaw()
	if err != nil {
		return err
	}
	to, err := createRaw(out, part.FileHeader)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, raw)
	return err
}

func createRaw(out *zip.Writer, h zip.FileHeader) (io.Writer, error) {
	//lint:ignore SA1019 CreateRaw writes these fields as they are and ignores Modified.
	h.ModifiedDate, h.ModifiedTime = firstDay, 0
	return out.CreateRaw(&h)
}

// fillPart writes the part of a sheet with rows behind those it has.
func (b *book) fillPart(out *zip.Writer, part *zip.File, rows *stretch) error {
	in, err := part.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	head, rest, err := b.packHead(in)
	if err != nil {
		return err
	}
	whole := head
	whole.join(rows)
	p, err := newPacker()
	if err != nil {
		return err
	}
	end, err := p.pack(new(sliceWriter), rest, true)
	if err != nil {
		return err
	}
	if err := b.spool.add(whole, end); err != nil {
		return err
	}
	h := part.FileHeader
	h.CRC32, h.CompressedSize64, h.UncompressedSize64, h.Flags = whole.crc, uint64(whole.packed), uint64(whole.size), h.Flags&^dataDescriptor
	to, err := createRaw(out, h)
	if err != nil {
		return err
	}
	return b.spool.copy(to, whole)
}

// dataDescriptor is the flag of a part whose sizes and checksum stand behind it (APPNOTE.TXT §4.4.4).
const dataDescriptor = 0x8

// packHead packs what a sheet's part holds up to the end of its rows, and returns the rest of it.
func (b *book) packHead(part io.Reader) (head *stretch, rest []byte, err error) {
	p, err := newPacker()
	if err != nil {
		return nil, nil, err
	}
	head = &stretch{}
	var text []byte
	flush := func() error {
		packed, err := p.pack(new(sliceWriter), text, false)
		text = text[:0]
		if err != nil {
			return err
		}
		return b.spool.add(head, packed)
	}
	for r := bufio.NewReaderSize(part, 1<<16); ; {
		// Every > ends a tag: in text it is an entity.
		piece, err := r.ReadSlice('>')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, nil, fmt.Errorf("no end of rows: %w", err)
		}
		if string(piece) == sheetEnd {
			if err := flush(); err != nil {
				return nil, nil, err
			}
			rest, err := io.ReadAll(r)
			return head, append([]byte(sheetEnd), rest...), err
		}
		if text = append(text, piece...); len(text) >= 1<<20 {
			if err := flush(); err != nil {
				return nil, nil, err
			}
		}
	}
}

// types is the list of parts.
type types struct {
	XMLName  xml.Name `xml:"http://schemas.openxmlformats.org/package/2006/content-types Types"`
	Default  []typeOf `xml:"Default"`
	Override []typeOf `xml:"Override"`
}

type typeOf struct {
	Extension   string `xml:"Extension,attr,omitempty"`
	PartName    string `xml:"PartName,attr,omitempty"`
	ContentType string `xml:"ContentType,attr"`
}

func copyContentTypes(out *zip.Writer, part *zip.File) error {
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	var list types
	if err := xml.NewDecoder(r).Decode(&list); err != nil {
		return err
	}
	order := func(a, b typeOf) int { return strings.Compare(a.Extension+a.PartName, b.Extension+b.PartName) }
	slices.SortFunc(list.Default, order)
	slices.SortFunc(list.Override, order)
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if err := xml.NewEncoder(&b).Encode(list); err != nil {
		return err
	}
	to, err := out.CreateHeader(&zip.FileHeader{Name: contentTypes, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return err
	}
	_, err = to.Write(b.Bytes())
	return err
}
