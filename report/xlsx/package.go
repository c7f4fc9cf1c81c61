package xlsx

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// contentTypes is the part of the package that lists the others (ECMA-376 part 2 §7.2.3).
const contentTypes = "[Content_Types].xml"

// save writes the workbook with its parts in a fixed order. excelize keeps streamed sheets and content types in maps, so
// their order changes from run to run; the parts are copied as they are, without inflating them, by way of a temporary
// file.
func save(f *excelize.File, w io.Writer) error {
	tmp, err := os.CreateTemp("", "mailaudit-*.xlsx")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	// Left to itself excelize builds the whole file in memory first.
	f.SetZipWriter(func(io.Writer) excelize.ZipWriter {
		z := zip.NewWriter(tmp)
		// Packing is a sixth of all the work at the usual level; at the fastest a workbook is a quarter larger.
		z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
		return z
	})
	if err := f.Write(io.Discard); err != nil {
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
	for _, part := range in.File {
		if err := copyPart(out, part); err != nil {
			return fmt.Errorf("part %s: %w", part.Name, err)
		}
	}
	return out.Close()
}

// firstDay is 1 January 1980 in the form of MS-DOS: excelize leaves the date zero, which is no date.
const firstDay = 1<<5 | 1

func copyPart(out *zip.Writer, part *zip.File) error {
	if part.Name == contentTypes {
		return copyContentTypes(out, part)
	}
	h := part.FileHeader
	//lint:ignore SA1019 CreateRaw writes these fields as they are and ignores Modified.
	h.ModifiedDate, h.ModifiedTime = firstDay, 0
	raw, err := part.OpenRaw()
	if err != nil {
		return err
	}
	to, err := out.CreateRaw(&h)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, raw)
	return err
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
