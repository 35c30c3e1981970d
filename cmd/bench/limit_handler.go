package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
)

// limitHandler is the least that the two hot endpoints can cost: the cryptography that the
// standards ask for, one read by key, and where codes are issued one signature and one
// durable row. Nothing else is checked.
type limitHandler struct {
	issuer string
	store  *limitStore
	key    *ecdsa.PrivateKey // signs the event of an issue
	issued atomic.Int64
}

func newLimitHandler(issuer string, store *limitStore) (http.Handler, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	h := &limitHandler{issuer: issuer, store: store, key: key}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	routes.HandleFunc("GET /.well-known/oauth-authorization-server", h.metadata)
	routes.HandleFunc("POST /register", h.register)
	routes.HandleFunc("POST /token", h.poll)
	routes.HandleFunc("POST /device_authorization", h.issue)
	return routes, nil
}

func (h *limitHandler) metadata(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, map[string]string{
		"issuer": h.issuer, "token_endpoint": h.issuer + "/token", "registration_endpoint": h.issuer + "/register",
		"device_authorization_endpoint": h.issuer + "/device_authorization",
	})
}

// register keeps the one key of RFC 7591's jwks.
func (h *limitHandler) register(w http.ResponseWriter, r *http.Request) {
	var body struct {
		JWKS struct {
			Keys []publicKey `json:"keys"`
		} `json:"jwks"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || len(body.JWKS.Keys) != 1 {
		answerError(w, "invalid_client_metadata")
		return
	}
	client := strconv.FormatInt(h.issued.Add(1), 36)
	if err := h.store.addClient(r.Context(), client, body.JWKS.Keys[0]); err != nil {
		answerError(w, err.Error())
		return
	}
	answerJSON(w, http.StatusCreated, map[string]string{"client_id": client})
}

// authenticated verifies the client assertion (RFC 7523) and the DPoP proof (RFC 9449): two
// verifications and one read by key.
func (h *limitHandler) authenticated(r *http.Request) error {
	assertion := r.PostFormValue("client_assertion")
	client, err := issuerOf(assertion)
	if err != nil {
		return err
	}
	key, err := h.store.keyOf(r.Context(), client)
	if err != nil {
		return err
	}
	if err := key.verify(assertion); err != nil {
		return err
	}
	proof := r.Header.Get("DPoP")
	if key, err = keyIn(proof); err != nil {
		return err
	}
	return key.verify(proof)
}

func (h *limitHandler) poll(w http.ResponseWriter, r *http.Request) {
	if err := h.authenticated(r); err != nil {
		answerError(w, err.Error())
		return
	}
	answerError(w, "authorization_pending")
}

func (h *limitHandler) issue(w http.ResponseWriter, r *http.Request) {
	if err := h.authenticated(r); err != nil {
		answerError(w, err.Error())
		return
	}
	event, err := signEvent(h.key, map[string]string{"iss": h.issuer, "sub": r.PostFormValue("login_hint"),
		"client_id": r.PostFormValue("client_id")})
	if err == nil {
		err = h.store.keep(r.Context(), event)
	}
	if err != nil {
		answerError(w, err.Error())
		return
	}
	answerJSON(w, http.StatusOK, map[string]any{
		"device_code": fmt.Sprintf("%043d", h.issued.Add(1)), "user_code": "BCDF-GHJK", "verification_uri": h.issuer + "/device",
		"expires_in": 604800, "interval": 1,
	})
}

func answerError(w http.ResponseWriter, code string) {
	answerJSON(w, http.StatusBadRequest, map[string]string{"error": code})
}

func answerJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
