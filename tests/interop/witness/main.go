// SPDX-License-Identifier: Apache-2.0

// Others' tools against ours: notes by golang.org/x/mod/sumdb/note, cosignatures by
// github.com/transparency-dev/formats, trees and proofs by golang.org/x/mod/sumdb/tlog.
//
//	witness note FILE LOG-VKEY WITNESS-VKEY...     opens a cosigned checkpoint; all must have signed
//	witness key NAME                               a key of a log of our own: secret and vkey
//	witness log URL SECRET LOG-VKEY WITNESS-VKEY   has that log cosigned by the witness at URL
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// openNote checks that every one of the keys has signed.
func openNote(text []byte, logKey string, witnesses []string) (*note.Note, error) {
	verifier, err := note.NewVerifier(logKey)
	if err != nil {
		return nil, err
	}
	verifiers := []note.Verifier{verifier}
	for _, key := range witnesses {
		witness, err := fnote.NewVerifierForCosignatureV1(key)
		if err != nil {
			return nil, err
		}
		verifiers = append(verifiers, witness)
	}
	opened, err := note.Open(text, note.VerifierList(verifiers...))
	if err != nil {
		return nil, err
	}
	if len(opened.Sigs) != len(verifiers) || len(opened.UnverifiedSigs) != 0 {
		return nil, fmt.Errorf("%d of %d signatures", len(opened.Sigs), len(verifiers))
	}
	return opened, nil
}

func checkNote(path, logKey string, witnesses []string) {
	text, err := os.ReadFile(path)
	must(err)
	opened, err := openNote(text, logKey, witnesses)
	must(err)
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" +
		strings.SplitN(opened.Text, "\n", 2)[1]))
	must(err)
	fmt.Printf("%d records, %d signatures\n", tree.N, len(opened.Sigs))
}

// tree is a log of our own, with all its hashes.
type tree struct{ hashes []tlog.Hash }

func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(t.hashes)) {
			return nil, errors.New("no such hash")
		}
		found[i] = t.hashes[index]
	}
	return found, nil
}

func (t *tree) grow(from, to int64, what string) {
	for n := from; n < to; n++ {
		added, err := tlog.StoredHashes(n, []byte(fmt.Sprintf("%s %d", what, n)), t)
		must(err)
		t.hashes = append(t.hashes, added...)
	}
}

func (t *tree) checkpoint(size int64, signer note.Signer) []byte {
	root, err := tlog.TreeHash(size, t)
	must(err)
	text := fmt.Sprintf("%s\n%d\n%s\n", signer.Name(), size,
		base64.StdEncoding.EncodeToString(root[:]))
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	must(err)
	return signed
}

// post asks the witness for a cosignature.
func (t *tree) post(url string, old, size int64, signer note.Signer) (int, string, []byte) {
	var body bytes.Buffer
	fmt.Fprintf(&body, "old %d\n", old)
	if old > 0 {
		proof, err := tlog.ProveTree(size, old, t)
		must(err)
		for _, hash := range proof {
			fmt.Fprintln(&body, base64.StdEncoding.EncodeToString(hash[:]))
		}
	}
	signed := t.checkpoint(size, signer)
	fmt.Fprintf(&body, "\n%s", signed)
	answer, err := http.Post(url+"/add-checkpoint", "text/plain", &body)
	must(err)
	defer answer.Body.Close()
	lines, err := io.ReadAll(answer.Body)
	must(err)
	return answer.StatusCode, answer.Header.Get("Content-Type") + "|" + string(lines),
		append(signed, lines...)
}

// expect asks, and holds the answer against what is due.
func (t *tree) expect(url string, old, size int64, signer note.Signer, status int, says string) []byte {
	got, answer, cosigned := t.post(url, old, size, signer)
	if got != status || !strings.Contains(answer, says) {
		log.Fatalf("old %d, size %d: %d %q instead of %d %q", old, size, got, answer, status, says)
	}
	return cosigned
}

func beLog(url, secret, logKey, witness string) {
	signer, err := note.NewSigner(secret)
	must(err)
	var ours, fork tree
	ours.grow(0, 300, "entry")
	fork.grow(0, 100, "entry")
	fork.grow(100, 300, "other")
	last := int64(0)
	for _, size := range []int64{1, 2, 3, 7, 8, 64, 100, 255, 256, 257} {
		cosigned := ours.expect(url, last, size, signer, 200, witness[:strings.Index(witness, "+")])
		_, err := openNote(cosigned, logKey, []string{witness})
		must(err)
		last = size
	}
	ours.expect(url, 0, 300, signer, 409, "text/x.tlog.size|257\n")
	ours.expect(url, 100, 257, signer, 409, "text/x.tlog.size|257\n")
	ours.expect(url, 100, 200, signer, 409, "257\n")
	fork.expect(url, 257, 300, signer, 422, "")
	fork.expect(url, 257, 257, signer, 422, "")
	cosigned := ours.expect(url, 257, 300, signer, 200, "")
	_, err = openNote(cosigned, logKey, []string{witness})
	must(err)
	fmt.Println("cosigned at 11 sizes, refused 5 times")
}

func newKey(name string) {
	secret, public, err := note.GenerateKey(rand.Reader, name)
	must(err)
	fmt.Println(secret)
	fmt.Println(public)
}

func main() {
	log.SetFlags(0)
	arguments := os.Args[1:]
	switch {
	case len(arguments) >= 3 && arguments[0] == "note":
		checkNote(arguments[1], arguments[2], arguments[3:])
	case len(arguments) == 2 && arguments[0] == "key":
		newKey(arguments[1])
	case len(arguments) == 5 && arguments[0] == "log":
		beLog(arguments[1], arguments[2], arguments[3], arguments[4])
	default:
		log.Fatal("usage: witness note|key|log ...")
	}
}
