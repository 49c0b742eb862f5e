/// The description served at `/v1/openapi.json`: OpenAPI 3.1, held to `VaultOperation` by a test.
enum OpenAPIDocument {
  static let text = #"""
    {
     "openapi": "3.1.0",
     "info": {
      "title": "Survivor Vault",
      "version": "1",
      "summary": "The socket of an encrypted vault for survivors' records.",
      "description": "HTTP/1.1 over a Unix domain socket. The caller is an account's session and the uid of the process (SO_PEERCRED). Every answer that touched a record, an account, a grant, a search or the log has its entry in the access log on disk before it is sent.",
      "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
     },
     "servers": [{"url": "http://vault/", "description": "curl --unix-socket PATH http://vault/v1/status"}],
     "security": [{"session": []}],
     "paths": {
      "/v1/status": {
       "get": {
        "operationId": "status",
        "summary": "State of the vault",
        "security": [],
        "responses": {
         "200": {
          "description": "State, id, version and log",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Status"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/sessions": {
       "post": {
        "operationId": "openSession",
        "summary": "Log in",
        "security": [],
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/LoginRequest"}}}
        },
        "responses": {
         "201": {
          "description": "A session",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Session"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/sessions/challenge": {
       "post": {
        "operationId": "openChallenge",
        "summary": "Random bytes for a service to sign, in order to log in without sending its key",
        "description": "Given for every name. Used once, within a minute, by the uid that asked. The bytes to sign stand in docs/format.md.",
        "security": [],
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ChallengeRequest"}}}
        },
        "responses": {
         "201": {
          "description": "A challenge",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Challenge"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/sessions/current": {
       "delete": {
        "operationId": "closeSession",
        "summary": "Log out",
        "responses": {
         "204": {
          "description": "The session is gone",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/sessions/current/passphrase": {
       "post": {
        "operationId": "changePassphrase",
        "summary": "Change the passphrase",
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PassphraseRequest"}}}
        },
        "responses": {
         "204": {"description": "Changed", "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}}},
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/accounts": {
       "get": {
        "operationId": "listAccounts",
        "summary": "Accounts",
        "responses": {
         "200": {
          "description": "All accounts",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Accounts"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       },
       "post": {
        "operationId": "addAccount",
        "summary": "Invite an account",
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AccountRequest"}}}
        },
        "responses": {
         "201": {
          "description": "The one-time code",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Invitation"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/accounts/{account}/suspension": {
       "post": {
        "operationId": "suspendAccount",
        "summary": "Suspend an account",
        "parameters": [{"name": "account", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/Name"}}],
        "requestBody": {"required": false, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
         "200": {
          "description": "The account, what its suspension did, and what it left",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Suspension"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/accounts/{account}/replacement": {
       "post": {
        "operationId": "replaceAccount",
        "summary": "New keys for the same person",
        "parameters": [{"name": "account", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/Name"}}],
        "requestBody": {
         "required": false,
         "content": {"application/json": {"schema": {"type": "object"}}}
        },
        "responses": {
         "201": {
          "description": "A one-time code for the same name, role and uid",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Replacement"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/audit/grants": {
       "post": {
        "operationId": "grantAudit",
        "summary": "Let another auditor in",
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/GrantRequest"}}}
        },
        "responses": {
         "201": {
          "description": "The grant",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Grant"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/audit/grants/{account}": {
       "delete": {
        "operationId": "revokeAudit",
        "summary": "Take an auditor out",
        "parameters": [{"name": "account", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/Name"}}],
        "responses": {
         "200": {
          "description": "What was revoked",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Grant"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/reassignments": {
       "post": {
        "operationId": "reassign",
        "summary": "Put another account in charge of records, some at a time",
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ReassignmentRequest"}}}
        },
        "responses": {
         "200": {
          "description": "What changed hands in this step",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Reassignment"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/rekey": {
       "get": {
        "operationId": "rekeyProgress",
        "summary": "How far re-keys have come; no entry of the log",
        "responses": {
         "200": {
          "description": "Programmes the caller may know of",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Rekey"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       },
       "post": {
        "operationId": "rekey",
        "summary": "Go on with re-keys now, or begin a deep one",
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RekeyRequest"}}}
        },
        "responses": {
         "200": {
          "description": "How far it has come",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Rekey"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/enrolments": {
       "post": {
        "operationId": "enrol",
        "summary": "Enrol with a one-time code",
        "security": [],
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EnrolmentRequest"}}}
        },
        "responses": {
         "201": {
          "description": "The fingerprint",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Enrolment"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/programmes": {
       "get": {
        "operationId": "listProgrammes",
        "summary": "Programmes",
        "responses": {
         "200": {
          "description": "Programmes the caller may know of",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Programmes"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       },
       "post": {
        "operationId": "addProgramme",
        "summary": "Add a programme",
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ProgrammeRequest"}}}
        },
        "responses": {
         "201": {
          "description": "The programme",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Programme"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/programmes/{programme}/grants": {
       "post": {
        "operationId": "grant",
        "summary": "Grant an account access to a programme",
        "parameters": [{"name": "programme", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/Name"}}],
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/GrantRequest"}}}
        },
        "responses": {
         "201": {
          "description": "The grant",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Grant"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/programmes/{programme}/grants/{account}": {
       "delete": {
        "operationId": "revoke",
        "summary": "Revoke one grant",
        "parameters": [
         {"name": "programme", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/Name"}},
         {"name": "account", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/Name"}}
        ],
        "responses": {
         "200": {
          "description": "What was revoked",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Grant"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/grants/{account}": {
       "delete": {
        "operationId": "revokeAll",
        "summary": "Revoke all grants of an account",
        "parameters": [{"name": "account", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/Name"}}],
        "responses": {
         "200": {
          "description": "What was revoked",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Grant"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/requests": {
       "get": {
        "operationId": "listRequests",
        "summary": "What waits for a second person, or for whoever asked",
        "responses": {
         "200": {
          "description": "Open requests, oldest first",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Requests"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       },
       "post": {
        "operationId": "makeRequest",
        "summary": "Ask for what needs two people",
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RequestWish"}}}
        },
        "responses": {
         "202": {
          "description": "The request; the same one for the same action while it is open",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Request"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/requests/{request}": {
       "get": {
        "operationId": "showRequest",
        "summary": "What exactly would happen",
        "parameters": [
         {"name": "request", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"}}
        ],
        "responses": {
         "200": {
          "description": "The request",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Request"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/requests/{request}/approval": {
       "post": {
        "operationId": "approveRequest",
        "summary": "Be the second person",
        "parameters": [
         {"name": "request", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"}}
        ],
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Approval"}}}
        },
        "responses": {
         "200": {
          "description": "The request, approved",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Request"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/requests/{request}/denial": {
       "post": {
        "operationId": "denyRequest",
        "summary": "Say no, and why",
        "parameters": [
         {"name": "request", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"}}
        ],
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Denial"}}}
        },
        "responses": {
         "200": {
          "description": "The request, denied",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Request"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/requests/{request}/redemption": {
       "post": {
        "operationId": "redeemRequest",
        "summary": "Use an approved export or disclosure, once",
        "parameters": [
         {"name": "request", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"}}
        ],
        "responses": {
         "200": {
          "description": "An age file to the recipient that was approved; inside, one record a line, canonical JSON",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/policy": {
       "get": {
        "operationId": "showPolicy",
        "summary": "Who may ask for what needs two people, and who approves it",
        "responses": {
         "200": {
          "description": "The policy",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Policy"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/programmes/{programme}/pathway": {
       "get": {
        "operationId": "showPathway",
        "summary": "What a programme does for a survivor, step after step",
        "parameters": [
         {"name": "programme", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/Name"}}
        ],
        "responses": {
         "200": {
          "description": "The pathway; no steps where none was set",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pathway"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/programmes/{programme}/records": {
       "post": {
        "operationId": "createRecord",
        "summary": "Open a record",
        "parameters": [
         {"name": "duplicates", "in": "query", "schema": {"type": "string", "enum": ["skip"]}},
         {"name": "programme", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/Name"}},
         {"$ref": "#/components/parameters/IdempotencyKey"}
        ],
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RecordRequest"}}}
        },
        "responses": {
         "201": {
          "description": "The record's id",
          "headers": {
           "Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"},
           "ETag": {"$ref": "#/components/headers/Version"},
           "Location": {"schema": {"type": "string"}}
          },
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RecordSaved"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/records": {
       "get": {
        "operationId": "listRecords",
        "summary": "Ids of records, in pages",
        "parameters": [
         {"name": "programme", "in": "query", "schema": {"$ref": "#/components/schemas/Name"}},
         {"name": "after", "in": "query", "description": "`next` of the page before.", "schema": {"type": "string"}},
         {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000}}
        ],
        "responses": {
         "200": {
          "description": "A page",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RecordsPage"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/records/{id}": {
       "get": {
        "operationId": "readRecord",
        "summary": "Read a record",
        "parameters": [
         {"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/RecordID"}},
         {
          "name": "sections",
          "in": "query",
          "description": "None: safe contact and case summary only. `all`: every section that the caller may read of it.",
          "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Section"}},
          "style": "form",
          "explode": false
         },
         {"$ref": "#/components/parameters/Purpose"},
         {"$ref": "#/components/parameters/Reason"}
        ],
        "responses": {
         "200": {
          "description": "The sections asked for",
          "headers": {
           "Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"},
           "ETag": {"$ref": "#/components/headers/Version"}
          },
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Record"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       },
       "patch": {
        "operationId": "editRecord",
        "summary": "Change a record",
        "parameters": [
         {"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/RecordID"}},
         {
          "name": "If-Match",
          "in": "header",
          "description": "The version that was read; 428 without it.",
          "schema": {"type": "string", "pattern": "^\"[0-9]+\"$"}
         },
         {"$ref": "#/components/parameters/IdempotencyKey"},
         {"$ref": "#/components/parameters/Purpose"},
         {"$ref": "#/components/parameters/Reason"}
        ],
        "requestBody": {
         "required": true,
         "content": {"application/merge-patch+json": {"schema": {"$ref": "#/components/schemas/RecordPatch"}}}
        },
        "responses": {
         "200": {
          "description": "The new version",
          "headers": {
           "Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"},
           "ETag": {"$ref": "#/components/headers/Version"}
          },
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RecordSaved"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/records/{id}/referrals": {
       "post": {
        "operationId": "refer",
        "summary": "Share sections of one record with a person or a programme",
        "parameters": [
         {"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/RecordID"}}
        ],
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ReferralRequest"}}}
        },
        "responses": {
         "201": {
          "description": "What is shared with whom",
          "headers": {
           "Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"},
           "ETag": {"$ref": "#/components/headers/Version"}
          },
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Referral"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/records/{id}/referrals/preview": {
       "post": {
        "operationId": "previewReferral",
        "summary": "What a referral would show, and to whom; nothing is changed",
        "parameters": [
         {"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/RecordID"}}
        ],
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ReferralRequest"}}}
        },
        "responses": {
         "200": {
          "description": "What would be shared with whom",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Referral"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/records/{id}/referrals/{to}": {
       "delete": {
        "operationId": "unrefer",
        "summary": "End a referral now",
        "parameters": [
         {"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/RecordID"}},
         {
          "name": "to",
          "in": "path",
          "required": true,
          "description": "As in the request or in the answer to it: `programme:ID`, `account:NAME`, or the bare name.",
          "schema": {"type": "string"}
         }
        ],
        "responses": {
         "200": {
          "description": "The record has new keys",
          "headers": {
           "Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"},
           "ETag": {"$ref": "#/components/headers/Version"}
          },
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RecordChanged"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/records/{id}/bars": {
       "post": {
        "operationId": "bar",
        "summary": "Keep one account from one record",
        "parameters": [
         {"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/RecordID"}}
        ],
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/BarRequest"}}}
        },
        "responses": {
         "200": {
          "description": "The record is not there for them",
          "headers": {
           "Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"},
           "ETag": {"$ref": "#/components/headers/Version"}
          },
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RecordChanged"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/records/{id}/bars/{account}": {
       "delete": {
        "operationId": "unbar",
        "summary": "Lift a bar",
        "parameters": [
         {"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/RecordID"}},
         {"name": "account", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/Name"}}
        ],
        "responses": {
         "200": {
          "description": "The record is there for them again",
          "headers": {
           "Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"},
           "ETag": {"$ref": "#/components/headers/Version"}
          },
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RecordChanged"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/bars": {
       "get": {
        "operationId": "listBars",
        "summary": "Who is barred from what in the caller's programmes",
        "responses": {
         "200": {
          "description": "All bars",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Bars"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/records/{id}/restriction": {
       "post": {
        "operationId": "restrict",
        "summary": "Keep one record to named people, with keys of their own",
        "parameters": [
         {"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/RecordID"}}
        ],
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RestrictionRequest"}}}
        },
        "responses": {
         "200": {
          "description": "Whom it is kept to",
          "headers": {
           "Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"},
           "ETag": {"$ref": "#/components/headers/Version"}
          },
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Restriction"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       },
       "delete": {
        "operationId": "unrestrict",
        "summary": "Give a record back to its programme",
        "parameters": [
         {"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/RecordID"}}
        ],
        "responses": {
         "200": {
          "description": "It is its programme's again",
          "headers": {
           "Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"},
           "ETag": {"$ref": "#/components/headers/Version"}
          },
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RecordChanged"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/records/{id}/access": {
       "get": {
        "operationId": "recordAccess",
        "summary": "Who reads a record apart from its programme",
        "parameters": [
         {"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/RecordID"}}
        ],
        "responses": {
         "200": {
          "description": "Exceptions that hold now",
          "headers": {
           "Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"},
           "ETag": {"$ref": "#/components/headers/Version"}
          },
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Access"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/records/{id}/break-glass": {
       "post": {
        "operationId": "breakGlass",
        "summary": "Ask to be let into one record for an emergency",
        "parameters": [
         {"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/RecordID"}},
         {"$ref": "#/components/parameters/Reason"}
        ],
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EmergencyRequest"}}}
        },
        "responses": {
         "201": {
          "description": "The request",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Request"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/break-glass": {
       "get": {
        "operationId": "listEmergencies",
        "summary": "Emergencies that wait for a review",
        "responses": {
         "200": {
          "description": "Oldest first",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Emergencies"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/break-glass/{request}/review": {
       "post": {
        "operationId": "reviewEmergency",
        "summary": "An auditor's word on an emergency that is over",
        "parameters": [
         {"name": "request", "in": "path", "required": true, "schema": {"type": "string"}}
        ],
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EmergencyReviewRequest"}}}
        },
        "responses": {
         "200": {
          "description": "What was reviewed",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Emergency"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/search": {
       "post": {
        "operationId": "search",
        "summary": "Find records by half-remembered names, phone digits or year",
        "parameters": [{"$ref": "#/components/parameters/Purpose"}, {"$ref": "#/components/parameters/Reason"}],
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SearchRequest"}}}
        },
        "responses": {
         "200": {
          "description": "Matches, best first",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SearchAnswer"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/schema": {
       "get": {
        "operationId": "schema",
        "summary": "Forms, fields, code lists",
        "security": [],
        "responses": {
         "200": {"description": "Forms", "content": {"application/json": {"schema": {"type": "object"}}}},
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/programmes/{programme}/submissions/slot": {
       "post": {
        "operationId": "openSlot",
        "parameters": [{"name": "programme", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/Name"}}],
        "summary": "An id for the next submission, and the public keys to seal it to",
        "responses": {
         "201": {
          "description": "A slot",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Slot"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/programmes/{programme}/submissions": {
       "post": {
        "operationId": "submit",
        "parameters": [{"name": "programme", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/Name"}}],
        "summary": "Hand in sections that the service has sealed and signed itself",
        "description": "The vault cannot read them; they wait for an officer. The same slot sent twice is one submission. Byte formats: docs/services.md.",
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SubmissionRequest"}}}
        },
        "responses": {
         "201": {
          "description": "It waits",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SubmissionReceipt"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/submissions": {
       "get": {
        "operationId": "listSubmissions",
        "summary": "What waits, oldest first",
        "parameters": [{"name": "programme", "in": "query", "schema": {"$ref": "#/components/schemas/Name"}}],
        "responses": {
         "200": {
          "description": "Submissions",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Submissions"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/submissions/{id}": {
       "get": {
        "operationId": "readSubmission",
        "summary": "Read a submission, with what keeps it from being a record",
        "parameters": [
         {"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/RecordID"}},
         {"$ref": "#/components/parameters/Purpose"},
         {"$ref": "#/components/parameters/Reason"}
        ],
        "responses": {
         "200": {
          "description": "The submission",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Submission"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/submissions/{id}/acceptance": {
       "post": {
        "operationId": "acceptSubmission",
        "summary": "Make a record of it, or add it to one",
        "parameters": [
         {"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/RecordID"}},
         {"name": "If-Match", "in": "header", "description": "With `into`: the version in quotes.", "schema": {"type": "string"}},
         {"$ref": "#/components/parameters/IdempotencyKey"}
        ],
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AcceptanceRequest"}}}
        },
        "responses": {
         "200": {
          "description": "Added to the record",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RecordSaved"}}}
         },
         "201": {
          "description": "A record of its own, under the same id",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RecordSaved"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/submissions/{id}/rejection": {
       "post": {
        "operationId": "rejectSubmission",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/RecordID"}}],
        "summary": "Take it out of the vault",
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RejectionRequest"}}}
        },
        "responses": {
         "204": {
          "description": "It is gone",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/audit/entries": {
       "get": {
        "operationId": "auditEntries",
        "summary": "Entries of the access log",
        "parameters": [
         {"name": "record", "in": "query", "schema": {"$ref": "#/components/schemas/RecordID"}},
         {"name": "account", "in": "query", "schema": {"$ref": "#/components/schemas/Name"}},
         {"name": "programme", "in": "query", "schema": {"$ref": "#/components/schemas/Name"}},
         {
          "name": "action",
          "in": "query",
          "description": "A whole action or one of its words: `record.read`, `read`.",
          "schema": {"type": "string"}
         },
         {"name": "outcome", "in": "query", "schema": {"$ref": "#/components/schemas/Outcome"}},
         {"name": "purpose", "in": "query", "schema": {"$ref": "#/components/schemas/Purpose"}},
         {
          "name": "unassigned",
          "in": "query",
          "description": "Only entries whose reader was neither the record's owner nor on its team.",
          "schema": {"type": "boolean"}
         },
         {
          "name": "offHours",
          "in": "query",
          "description": "Only entries outside Monday to Friday, 07:00 to 20:00 local time.",
          "schema": {"type": "boolean"}
         },
         {
          "name": "timeZone",
          "in": "query",
          "description": "IANA name of the zone that `offHours` is judged in; the daemon's when absent.",
          "schema": {"type": "string", "examples": ["Europe/London"]}
         },
         {
          "name": "since",
          "in": "query",
          "description": "RFC 3339 or a date, inclusive.",
          "schema": {"type": "string"}
         },
         {
          "name": "until",
          "in": "query",
          "description": "RFC 3339 or a date, exclusive.",
          "schema": {"type": "string"}
         },
         {"name": "after", "in": "query", "schema": {"type": "integer", "minimum": 0}},
         {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000}}
        ],
        "responses": {
         "200": {
          "description": "A page",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AuditEntries"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/audit/entries/{index}/reveal": {
       "post": {
        "operationId": "revealText",
        "summary": "The words beside an entry, such as search terms; an entry itself",
        "parameters": [{"name": "index", "in": "path", "required": true, "schema": {"type": "integer", "minimum": 0}}],
        "responses": {
         "200": {
          "description": "The words",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RevealedText"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/audit/disclosures": {
       "post": {
        "operationId": "disclose",
        "summary": "Keys of single entries, to show them to a court",
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DisclosureRequest"}}}
        },
        "responses": {
         "200": {
          "description": "Entries with their keys",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Disclosures"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/audit/signoffs": {
       "get": {
        "operationId": "listSignOffs",
        "summary": "How far the log was reviewed, by whom",
        "responses": {
         "200": {
          "description": "All sign-offs",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SignOffs"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       },
       "post": {
        "operationId": "signOff",
        "summary": "Cosign the log that was reviewed",
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SignOffRequest"}}}
        },
        "responses": {
         "201": {
          "description": "The sign-off, to carry away",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SignOff"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/audit/checkpoint": {
       "get": {
        "operationId": "checkpoint",
        "summary": "The last checkpoint",
        "parameters": [{"$ref": "#/components/parameters/LogUse"}, {"$ref": "#/components/parameters/LogNumber"}],
        "responses": {
         "200": {
          "description": "A signed note (C2SP tlog-checkpoint)",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"text/plain": {"schema": {"type": "string"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/restoration": {
       "get": {
        "operationId": "restoration",
        "summary": "What a restore kept and lost, and who has accepted it",
        "responses": {
         "200": {
          "description": "The restore that waits, or was accepted",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Restoration"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/restoration/acceptances": {
       "post": {
        "operationId": "acceptRestore",
        "summary": "Sign that the restored backup is the vault from now on",
        "requestBody": {
         "required": true,
         "content": {"application/json": {"schema": {
          "type": "object",
          "required": ["digest"],
          "properties": {"digest": {"type": "string", "description": "Hexadecimal SHA-256 of what is signed."}},
          "additionalProperties": false
         }}}
        },
        "responses": {
         "200": {
          "description": "The request that the first of the two opens, or, used, that the second approves",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Request"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/audit/acceptances": {
       "get": {
        "operationId": "acceptances",
        "summary": "The signed acceptances of restores, for clients that remember an earlier log",
        "security": [],
        "responses": {
         "200": {
          "description": "E(\"acceptances\"; list), see docs/format.md",
          "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/audit/proof/consistency": {
       "get": {
        "operationId": "consistencyProof",
        "summary": "That the log of one size is a prefix of another",
        "parameters": [
         {"name": "from", "in": "query", "required": true, "schema": {"type": "integer", "minimum": 0}},
         {"name": "to", "in": "query", "required": true, "schema": {"type": "integer", "minimum": 0}},
         {"$ref": "#/components/parameters/LogNumber"}
        ],
        "responses": {
         "200": {
          "description": "The proof",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Proof"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/audit/proof/inclusion": {
       "get": {
        "operationId": "inclusionProof",
        "summary": "That an entry is in the log",
        "parameters": [
         {"name": "index", "in": "query", "required": true, "schema": {"type": "integer", "minimum": 0}},
         {"name": "size", "in": "query", "required": true, "schema": {"type": "integer", "minimum": 1}}
        ],
        "responses": {
         "200": {
          "description": "The proof",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Proof"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/audit/tile/{path}": {
       "get": {
        "operationId": "tile",
        "summary": "A tile of the log",
        "parameters": [
         {
          "name": "path",
          "in": "path",
          "required": true,
          "schema": {"type": "string", "pattern": "^([0-9]+|entries)(/x[0-9]{3})*/[0-9]{3}(\\.p/[0-9]{1,3})?$"},
          "description": "Level and index as tlog-tiles writes them; the slashes are part of it."
         },
         {"$ref": "#/components/parameters/LogUse"},
         {"$ref": "#/components/parameters/LogNumber"}
        ],
        "responses": {
         "200": {
          "description": "A tile (C2SP tlog-tiles)",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"application/octet-stream": {}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/openapi.json": {
       "get": {
        "operationId": "openapi",
        "summary": "This document",
        "security": [],
        "responses": {
         "200": {"description": "OpenAPI 3.1", "content": {"application/json": {"schema": {"type": "object"}}}},
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      },
      "/v1/metrics": {
       "get": {
        "operationId": "metrics",
        "summary": "Counters in the Prometheus text format; no names, no ids",
        "responses": {
         "200": {
          "description": "Counters",
          "headers": {"Vault-Audit-Index": {"$ref": "#/components/headers/AuditIndex"}},
          "content": {"text/plain": {"schema": {"type": "string"}}}
         },
         "default": {"$ref": "#/components/responses/Problem"}
        }
       }
      }
     },
     "components": {
      "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
      "parameters": {
       "Purpose": {"name": "Vault-Purpose", "in": "header", "schema": {"$ref": "#/components/schemas/Purpose"}},
       "Reason": {
        "name": "Vault-Reason",
        "in": "header",
        "description": "Percent-encoded UTF-8, at most 1024 bytes decoded. Needed for emergency.",
        "schema": {"type": "string", "maxLength": 3072}
       },
       "LogUse": {
        "name": "for",
        "in": "query",
        "description": "What the entry about this request says: `log.verify` (when absent) or `log.export`.",
        "schema": {"type": "string", "enum": ["verify", "export"]}
       },
       "LogNumber": {
        "name": "log",
        "in": "query",
        "description": "Number of a log before a restore; the present one when absent.",
        "schema": {"type": "integer", "minimum": 1}
       },
       "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Makes a repetition of the same request harmless.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"}
       }
      },
      "headers": {
       "AuditIndex": {
        "description": "Index of the access log's entry about this request.",
        "schema": {"type": "integer", "minimum": 0}
       },
       "Version": {"description": "The record's version in quotes.", "schema": {"type": "string"}}
      },
      "responses": {
       "Problem": {
        "description": "A problem document",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
       }
      },
      "schemas": {
       "Problem": {
        "type": "object",
        "description": "RFC 9457.",
        "required": ["type", "title", "status", "detail", "hint"],
        "properties": {
         "type": {"type": "string", "description": "urn:survivor-vault:problem: and the kind."},
         "title": {"type": "string"},
         "status": {"type": "integer", "minimum": 400, "maximum": 599},
         "detail": {"type": "string"},
         "hint": {"type": "string", "description": "What to do next."},
         "field": {"type": "string", "description": "Dotted path of the member at fault. Values are never repeated."}
        }
       },
       "Role": {
        "type": "string",
        "enum": ["officer", "supervisor", "liaison", "auditor", "administrator", "analyst", "service"]
       },
       "Section": {"type": "string", "enum": ["identity", "contact", "case", "exploitation", "health", "legal", "consent"]},
       "Purpose": {
        "type": "string",
        "enum": ["casework", "safeguarding", "court", "referral", "subject-access", "supervision", "emergency"]
       },
       "UID": {
        "oneOf": [{"type": "integer", "minimum": 0, "maximum": 4294967294}, {"const": "any"}],
        "description": "The one user an account is bound to; any only in demo and insecurely founded vaults."
       },
       "Name": {"type": "string", "pattern": "^[a-z][a-z0-9.-]{0,63}$"},
       "RecordID": {"type": "string", "description": "Pseudonym with a check letter.", "examples": ["lusab-babad-gutih-f"]},
       "Status": {
        "type": "object",
        "required": ["state", "vault", "version", "log", "storage"],
        "properties": {
         "state": {"type": "string", "enum": ["founding", "open", "restored"]},
         "vault": {"type": "string", "description": "Hash of the genesis document."},
         "version": {"type": "string"},
         "log": {
          "type": "object",
          "required": ["size", "root", "reviewed", "key"],
          "properties": {
           "size": {"type": "integer", "minimum": 0},
           "root": {"type": "string", "description": "Base64."},
           "reviewed": {"type": "integer", "minimum": 0, "description": "Entries up to the newest sign-off."},
           "key": {"type": "string", "description": "Public key in vkey form (C2SP signed-note)."}
          }
         },
         "storage": {"type": "string"},
         "backup": {
          "type": "object",
          "required": ["last", "drill"],
          "properties": {
           "last": {"type": ["string", "null"], "description": "When a backup was last finished; RFC 3339, UTC."},
           "drill": {"type": ["string", "null"], "description": "When a backup was last opened and found good; RFC 3339, UTC."}
          }
         },
         "recovery": {
          "type": "object",
          "required": ["shares", "last"],
          "properties": {
           "shares": {"type": "boolean", "description": "Recovery shares were made at the founding; without them what is lost stays lost."},
           "last": {"type": ["string", "null"], "description": "When access was last rebuilt from recovery shares; RFC 3339, UTC."}
          }
         },
         "space": {
          "type": "object",
          "description": "What is left on the disk. low: records are no longer written; full: nothing is read either.",
          "required": ["reserve", "free", "state"],
          "properties": {
           "reserve": {"type": "integer", "minimum": 0, "description": "Bytes kept back for the access log."},
           "free": {"type": "integer", "minimum": 0, "description": "Bytes free besides."},
           "state": {"type": "string", "enum": ["ok", "low", "full"]}
          }
         },
         "rekey": {
          "type": "object",
          "required": ["left"],
          "properties": {"left": {"type": "integer", "minimum": 0, "description": "Records that still lie under older keys."}}
         },
         "anchor": {
          "type": "string", "enum": ["ok", "was-missing", "failing"],
          "description": "The file against which a rollback of the host shows."
         },
         "journal": {
          "type": "string", "enum": ["off", "ok", "failing", "foreign"],
          "description": "The off-host journal of what a restore must not undo."
         },
         "breakGlass": {
          "type": "object",
          "required": ["active", "toReview"],
          "properties": {
           "active": {"type": "integer", "minimum": 0, "description": "Records that somebody reads now for an emergency."},
           "toReview": {"type": "integer", "minimum": 0, "description": "Emergencies that no auditor has reviewed."}
          }
         },
         "demo": {"type": "boolean"}
        }
       },
       "Restoration": {
        "type": "object",
        "required": [
         "digest", "number", "time", "kept", "newest", "backup", "journal", "journalGap", "journalLog", "journalSize",
         "suspended", "revoked", "erased", "recovered", "excluded", "signed", "accepted"
        ],
        "properties": {
         "digest": {"type": "string"},
         "number": {"type": "integer", "minimum": 2, "description": "Of the log that the restore began."},
         "time": {"type": "string", "format": "date-time"},
         "kept": {"$ref": "#/components/schemas/LogPoint"},
         "newest": {"oneOf": [{"$ref": "#/components/schemas/LogPoint"}, {"type": "null"}]},
         "backup": {"type": "string", "description": "Hexadecimal SHA-256 of the backup file."},
         "journal": {"type": "boolean"},
         "journalGap": {"type": "boolean"},
         "journalLog": {"type": "integer", "minimum": 0},
         "journalSize": {"type": "integer", "minimum": 0, "description": "Entries that log `journalLog` had at the journal's newest line; of what came after that it says nothing."},
         "suspended": {"type": "integer", "minimum": 0},
         "revoked": {"type": "integer", "minimum": 0},
         "erased": {"type": "integer", "minimum": 0},
         "recovered": {"type": "integer", "minimum": 0, "description": "How often recovery shares were used since the backup, which is undone."},
         "excluded": {"type": "array", "items": {"type": "string"}},
         "signed": {"type": "array", "items": {"type": "string"}},
         "accepted": {"type": "boolean"}
        }
       },
       "LogPoint": {
        "type": "object",
        "required": ["log", "size", "root"],
        "properties": {
         "log": {"type": "string"},
         "size": {"type": "integer", "minimum": 0},
         "root": {"type": "string"}
        }
       },
       "LoginRequest": {
        "type": "object",
        "required": ["account"],
        "properties": {
         "account": {"$ref": "#/components/schemas/Name"},
         "passphrase": {"type": "string"},
         "key": {"type": "string", "description": "Content of a key file."},
         "challenge": {"type": "string", "description": "Base64, as it was given."},
         "signature": {"type": "string", "description": "Ed25519 by the account's key, base64. For services: the key stays with them."}
        },
        "additionalProperties": false,
        "oneOf": [{"required": ["passphrase"]}, {"required": ["key"]}, {"required": ["challenge", "signature"]}]
       },
       "ChallengeRequest": {
        "type": "object",
        "required": ["account"],
        "properties": {"account": {"$ref": "#/components/schemas/Name"}},
        "additionalProperties": false
       },
       "Challenge": {
        "type": "object",
        "required": ["challenge", "vault", "expires"],
        "properties": {
         "challenge": {"type": "string", "description": "32 bytes, base64."},
         "vault": {"type": "string", "description": "Id of the vault, in hexadecimal."},
         "expires": {"type": "string", "description": "RFC 3339, UTC."}
        }
       },
       "Session": {
        "type": "object",
        "required": ["token", "account", "role", "programmes", "expires"],
        "properties": {
         "token": {"type": "string", "minLength": 43, "maxLength": 43, "description": "256 random bits, base64url."},
         "account": {"$ref": "#/components/schemas/Name"},
         "role": {"$ref": "#/components/schemas/Role"},
         "programmes": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}},
         "expires": {"type": "string", "description": "RFC 3339, UTC."},
         "requestsWaiting": {
          "type": "integer",
          "minimum": 0,
          "description": "How many requests wait for this account's decision."
         }
        }
       },
       "PassphraseRequest": {
        "type": "object",
        "required": ["current", "passphrase"],
        "properties": {
         "current": {"type": "string"},
         "passphrase": {"type": "string"},
         "compromised": {"type": "boolean", "description": "Somebody else may have the account's keys: refused, with a hint whom to ask for new ones."}
        },
        "additionalProperties": false
       },
       "AccountRequest": {
        "type": "object",
        "required": ["name", "role", "uid"],
        "properties": {
         "name": {"$ref": "#/components/schemas/Name"},
         "role": {"$ref": "#/components/schemas/Role"},
         "uid": {"$ref": "#/components/schemas/UID"}
        },
        "additionalProperties": false
       },
       "Invitation": {
        "type": "object",
        "required": ["account", "code", "expires"],
        "properties": {
         "account": {"$ref": "#/components/schemas/Name"},
         "code": {"type": "string", "description": "One-time code for the person."},
         "expires": {"type": "string", "description": "RFC 3339, UTC."}
        }
       },
       "Account": {
        "type": "object",
        "required": ["account", "role", "uid", "state", "programmes"],
        "properties": {
         "account": {"$ref": "#/components/schemas/Name"},
         "role": {"$ref": "#/components/schemas/Role"},
         "uid": {"$ref": "#/components/schemas/UID"},
         "state": {"type": "string", "enum": ["invited", "active", "suspended"]},
         "fingerprint": {"type": "string", "description": "Six words; of the asker's own account only."},
         "programmes": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}}
        }
       },
       "Replacement": {
        "type": "object",
        "required": ["account", "code", "expires", "sessionsEnded", "pending"],
        "properties": {
         "account": {"$ref": "#/components/schemas/Name"},
         "code": {"type": "string", "description": "One-time; to be carried to its person by hand."},
         "expires": {"type": "string"},
         "sessionsEnded": {"type": "integer", "minimum": 0},
         "pending": {"type": "array", "items": {"type": "string"}}
        }
       },
       "ReassignmentRequest": {
        "type": "object",
        "required": ["from", "to"],
        "additionalProperties": false,
        "properties": {
         "from": {"$ref": "#/components/schemas/Name"},
         "to": {"$ref": "#/components/schemas/Name"},
         "programme": {"$ref": "#/components/schemas/Name"}
        }
       },
       "Reassignment": {
        "type": "object",
        "required": ["moved", "left", "refused"],
        "properties": {
         "moved": {"type": "array", "items": {"$ref": "#/components/schemas/RecordID"}},
         "left": {"type": "integer", "minimum": 0, "description": "Ask again until it is 0, or nothing moves."},
         "refused": {"type": "integer", "minimum": 0}
        }
       },
       "RekeyRequest": {
        "type": "object",
        "additionalProperties": false,
        "properties": {
         "programme": {"$ref": "#/components/schemas/Name"},
         "deep": {"type": "boolean", "description": "Encrypt anew whatever was written so far, not only wrap it."}
        }
       },
       "Rekey": {
        "type": "object",
        "required": ["left", "programmes"],
        "properties": {
         "left": {"type": "integer", "minimum": 0},
         "programmes": {"type": "array", "items": {
          "type": "object",
          "required": ["programme", "left", "total", "deep", "waitsForSupervisor"],
          "properties": {
           "programme": {"$ref": "#/components/schemas/Name"},
           "left": {"type": "integer", "minimum": 0, "description": "Records under older keys."},
           "total": {"type": "integer", "minimum": 0},
           "deep": {"type": "boolean"},
           "waitsForSupervisor": {"type": "boolean"}
          }
         }}
        }
       },
       "Suspension": {
        "description": "As Account, and what the suspension did.",
        "type": "object",
        "required": ["account", "role", "uid", "state", "programmes", "sessionsEnded", "rekeyed", "pending", "recordsOwned", "unreadable", "readsLast30Days"],
        "properties": {
         "account": {"$ref": "#/components/schemas/Name"},
         "role": {"$ref": "#/components/schemas/Role"},
         "uid": {"$ref": "#/components/schemas/UID"},
         "state": {"type": "string", "enum": ["suspended"]},
         "programmes": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}, "description": "Of which it was a member until then."},
         "sessionsEnded": {"type": "integer", "minimum": 0},
         "rekeyed": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}, "description": "Programmes whose keys changed in the same transaction."},
         "pending": {"type": "array", "items": {"type": "string"}, "description": "Programmes, or `audit`, whose keys change as soon as somebody who holds them has a session open."},
         "recordsOwned": {"type": "array", "items": {"$ref": "#/components/schemas/RecordID"}, "description": "Records that the account is in charge of and the caller may know of; the first 100,000."},
         "unreadable": {"type": "array", "items": {"$ref": "#/components/schemas/RecordID"}, "description": "Records that are kept to named people of whom nobody else opens all of it, as far as the caller may know of them: closed until the account is let in again with the keys that it had."},
         "readsLast30Days": {"type": "integer", "minimum": 0}
        }
       },
       "Accounts": {
        "type": "object",
        "required": ["accounts"],
        "properties": {"accounts": {"type": "array", "items": {"$ref": "#/components/schemas/Account"}}}
       },
       "EnrolmentRequest": {
        "type": "object",
        "required": ["account", "code"],
        "properties": {
         "account": {"$ref": "#/components/schemas/Name"},
         "code": {"type": "string"},
         "passphrase": {"type": "string"},
         "newKey": {"const": true}
        },
        "additionalProperties": false,
        "oneOf": [{"required": ["passphrase"]}, {"required": ["newKey"]}]
       },
       "Enrolment": {
        "type": "object",
        "required": ["account", "fingerprint"],
        "properties": {
         "account": {"$ref": "#/components/schemas/Name"},
         "fingerprint": {"type": "string", "description": "Six words, to be compared out of band."},
         "key": {"type": "string", "description": "With newKey: the only copy."}
        }
       },
       "ProgrammeRequest": {
        "type": "object",
        "required": ["id", "title"],
        "properties": {"id": {"$ref": "#/components/schemas/Name"}, "title": {"type": "string", "maxLength": 1024}},
        "additionalProperties": false
       },
       "Programme": {
        "type": "object",
        "required": ["programme", "title"],
        "properties": {"programme": {"$ref": "#/components/schemas/Name"}, "title": {"type": "string"}}
       },
       "Programmes": {
        "type": "object",
        "required": ["programmes"],
        "properties": {"programmes": {"type": "array", "items": {"$ref": "#/components/schemas/Programme"}}}
       },
       "GrantRequest": {
        "type": "object",
        "required": ["account", "fingerprint"],
        "properties": {
         "account": {"$ref": "#/components/schemas/Name"},
         "fingerprint": {"type": "string", "description": "As the person read it out."},
         "expires": {"type": "string", "description": "RFC 3339, UTC."},
         "may": {
          "type": "array", "items": {"type": "string"},
          "description": "For services only: submit, count, read:SECTION. Default: submit."
         }
        },
        "additionalProperties": false
       },
       "Grant": {
        "type": "object",
        "required": ["grant", "account", "programmes"],
        "properties": {
         "grant": {"type": "string", "description": "Hash of the grant."},
         "account": {"$ref": "#/components/schemas/Name"},
         "programmes": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}},
         "expires": {"type": "string", "description": "RFC 3339, UTC."},
         "may": {"type": "array", "items": {"type": "string"}, "description": "What a service may."}
        }
       },
       "Sections": {
        "type": "object",
        "description": "Section name to fields; the keys of HTCDS where it has one. See /v1/schema.",
        "properties": {},
        "additionalProperties": {"type": "object"}
       },
       "RecordRequest": {
        "type": "object",
        "required": ["sections"],
        "properties": {"sections": {"$ref": "#/components/schemas/Sections"}},
        "additionalProperties": false
       },
       "RecordPatch": {
        "type": "object",
        "description": "Merge patch (RFC 7396) of `sections`: either under that member, or the sections themselves.",
        "properties": {"sections": {"type": "object"}}
       },
       "Slot": {
        "type": "object",
        "required": ["id", "ticket", "vault", "sections"],
        "properties": {
         "id": {"type": "string", "description": "Pronounceable; a record made of it keeps it."},
         "ticket": {"type": "string", "description": "Base64; shows that the id was given."},
         "vault": {"type": "string", "description": "Id of the vault, in hexadecimal."},
         "sections": {
          "type": "array",
          "items": {
           "type": "object",
           "required": ["section", "epoch", "key"],
           "properties": {
            "section": {"type": "string"},
            "epoch": {"type": "integer"},
            "key": {"type": "string", "description": "X25519 public key, 32 bytes, base64."}
           }
          }
         }
        }
       },
       "SubmissionRequest": {
        "type": "object",
        "required": ["id", "ticket", "sections"],
        "properties": {
         "id": {"type": "string"},
         "ticket": {"type": "string"},
         "sections": {
          "type": "array",
          "items": {
           "type": "object",
           "required": ["section", "epoch", "body", "sealedKey", "signature"],
           "properties": {
            "section": {"type": "string"},
            "epoch": {"type": "integer"},
            "body": {"type": "string", "description": "Envelope of suite 1, base64."},
            "sealedKey": {"type": "string", "description": "HPKE of the section's key, 80 bytes, base64."},
            "signature": {"type": "string", "description": "Ed25519, 64 bytes, base64."}
           },
           "additionalProperties": false
          }
         }
        },
        "additionalProperties": false
       },
       "SubmissionReceipt": {
        "type": "object",
        "required": ["id", "state", "received"],
        "properties": {
         "id": {"type": "string"},
         "state": {"const": "waiting"},
         "received": {"type": "string", "description": "RFC 3339, UTC."}
        }
       },
       "Submissions": {
        "type": "object",
        "required": ["submissions", "waiting"],
        "properties": {
         "waiting": {"type": "integer", "description": "All that wait, also where the list is shorter."},
         "submissions": {
          "type": "array",
          "items": {
           "type": "object",
           "required": ["id", "programme", "service", "received", "sections", "bytes"],
           "properties": {
            "id": {"type": "string"},
            "programme": {"$ref": "#/components/schemas/Name"},
            "service": {"$ref": "#/components/schemas/Name"},
            "received": {"type": "string", "description": "RFC 3339, UTC."},
            "sections": {"type": "array", "items": {"type": "string"}},
            "bytes": {"type": "integer"}
           }
          }
         }
        }
       },
       "Submission": {
        "type": "object",
        "required": ["id", "programme", "service", "received", "sections", "faults", "possibleDuplicates"],
        "properties": {
         "id": {"type": "string"},
         "programme": {"$ref": "#/components/schemas/Name"},
         "service": {"$ref": "#/components/schemas/Name"},
         "received": {"type": "string", "description": "RFC 3339, UTC."},
         "sections": {"$ref": "#/components/schemas/Sections"},
         "faults": {
          "type": "array",
          "items": {
           "type": "object",
           "required": ["field", "detail"],
           "properties": {"field": {"type": "string"}, "detail": {"type": "string"}}
          }
         },
         "possibleDuplicates": {"type": "array", "items": {"type": "string"}}
        }
       },
       "AcceptanceRequest": {
        "type": "object",
        "properties": {
         "into": {"type": "string", "description": "Record to add it to, at the version of If-Match."},
         "sections": {"type": "object", "description": "Merge patch (RFC 7396): corrections."}
        },
        "additionalProperties": false
       },
       "RejectionRequest": {
        "type": "object",
        "required": ["reason"],
        "properties": {"reason": {"type": "string"}},
        "additionalProperties": false
       },
       "RecordSaved": {
        "type": "object",
        "required": ["id", "version"],
        "properties": {
         "id": {"$ref": "#/components/schemas/RecordID"},
         "version": {"type": "integer", "minimum": 1},
         "incomplete": {"type": "array", "items": {"type": "string"}},
         "possibleDuplicates": {"type": "array", "items": {"$ref": "#/components/schemas/RecordID"}}
        }
       },
       "Record": {
        "type": "object",
        "required": ["id", "programme", "version", "sections"],
        "properties": {
         "id": {"$ref": "#/components/schemas/RecordID"},
         "programme": {"$ref": "#/components/schemas/Name"},
         "version": {"type": "integer", "minimum": 1},
         "flags": {"type": "array", "items": {"$ref": "#/components/schemas/RecordFlag"}},
         "until": {"type": "string", "description": "When the reader's access ends; RFC 3339, UTC. Absent for a member."},
         "sections": {"$ref": "#/components/schemas/Sections"}
        }
       },
       "ReferralRequest": {
        "type": "object",
        "required": ["to", "sections", "until"],
        "properties": {
         "to": {"type": "string", "description": "A programme or an account; `programme:ID` or `account:NAME` where both have the name."},
         "sections": {"type": "array", "items": {"$ref": "#/components/schemas/Section"}, "minItems": 1},
         "until": {"type": "string", "description": "RFC 3339 or a date; at most a year ahead."}
        },
        "additionalProperties": false
       },
       "Referral": {
        "type": "object",
        "required": ["id", "version", "to", "until", "sees", "empty", "seesNot", "readers", "found", "replaces", "writes"],
        "properties": {
         "id": {"$ref": "#/components/schemas/RecordID"},
         "version": {"type": "integer", "minimum": 1},
         "to": {"type": "string", "examples": ["programme:harbour", "account:mina"]},
         "until": {"type": "string", "description": "RFC 3339, UTC."},
         "sees": {"type": "array", "items": {"$ref": "#/components/schemas/Section"}},
         "empty": {"type": "array", "items": {"$ref": "#/components/schemas/Section"}, "description": "Shared, and not yet written."},
         "seesNot": {"type": "array", "items": {"$ref": "#/components/schemas/Section"}},
         "readers": {
          "type": "array",
          "description": "Everybody who can read something through it now.",
          "items": {
           "type": "object",
           "required": ["account", "role", "sections"],
           "properties": {
            "account": {"$ref": "#/components/schemas/Name"},
            "role": {"$ref": "#/components/schemas/Role"},
            "sections": {"type": "array", "items": {"$ref": "#/components/schemas/Section"}}
           }
          }
         },
         "found": {"type": "boolean", "description": "By name, and not by id alone."},
         "replaces": {"type": "boolean"},
         "writes": {"const": false}
        }
       },
       "BarRequest": {
        "type": "object",
        "required": ["account"],
        "properties": {"account": {"$ref": "#/components/schemas/Name"}},
        "additionalProperties": false
       },
       "Bars": {
        "type": "object",
        "required": ["bars"],
        "properties": {
         "bars": {
          "type": "array",
          "items": {
           "type": "object",
           "required": ["record", "programme", "account"],
           "properties": {
            "record": {"$ref": "#/components/schemas/RecordID"},
            "programme": {"$ref": "#/components/schemas/Name"},
            "account": {"$ref": "#/components/schemas/Name"}
           }
          }
         }
        }
       },
       "RestrictionRequest": {
        "type": "object",
        "required": ["accounts"],
        "properties": {
         "accounts": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}, "minItems": 1, "maxItems": 16}
        },
        "additionalProperties": false
       },
       "Restriction": {
        "type": "object",
        "required": ["id", "version", "accounts", "ended", "warnings"],
        "properties": {
         "id": {"$ref": "#/components/schemas/RecordID"},
         "version": {"type": "integer", "minimum": 1},
         "accounts": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}},
         "ended": {
          "type": "array",
          "items": {"type": "string"},
          "description": "Sharings that ended with it: `account:NAME`, `programme:ID`."
         },
         "warnings": {"type": "array", "items": {"type": "string"}}
        }
       },
       "Access": {
        "type": "object",
        "required": ["id", "programme", "version", "restrictedTo", "referrals", "emergencies", "stale"],
        "properties": {
         "id": {"$ref": "#/components/schemas/RecordID"},
         "programme": {"$ref": "#/components/schemas/Name"},
         "version": {"type": "integer", "minimum": 1},
         "restrictedTo": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}},
         "referrals": {
          "type": "array",
          "items": {
           "type": "object",
           "required": ["to", "sections", "until", "by", "made"],
           "properties": {
            "to": {"type": "string"},
            "sections": {"type": "array", "items": {"$ref": "#/components/schemas/Section"}},
            "until": {"type": "string", "description": "RFC 3339, UTC."},
            "by": {"$ref": "#/components/schemas/Name"},
            "made": {"type": "string", "description": "RFC 3339, UTC."}
           }
          }
         },
         "emergencies": {
          "type": "array",
          "description": "Who was let in by breaking the glass.",
          "items": {
           "type": "object",
           "required": ["account", "until", "request", "by"],
           "properties": {
            "account": {"$ref": "#/components/schemas/Name"},
            "until": {"type": "string", "description": "RFC 3339, UTC."},
            "request": {"type": "string"},
            "by": {"$ref": "#/components/schemas/Name"}
           }
          }
         },
         "barred": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}, "description": "For supervisors."},
         "stale": {
          "type": "array",
          "items": {"$ref": "#/components/schemas/Section"},
          "description": "Sections that wait for new keys."
         }
        }
       },
       "EmergencyRequest": {
        "type": "object",
        "properties": {
         "seconds": {"type": "integer", "minimum": 60, "maximum": 86400, "description": "From the approval on; four hours when absent."}
        },
        "additionalProperties": false
       },
       "Emergency": {
        "type": "object",
        "required": ["request", "record", "programme", "account", "by", "made", "until", "active", "reviewer", "reviewed"],
        "properties": {
         "request": {"type": "string"},
         "record": {"$ref": "#/components/schemas/RecordID"},
         "programme": {"$ref": "#/components/schemas/Name"},
         "account": {"$ref": "#/components/schemas/Name"},
         "by": {"$ref": "#/components/schemas/Name"},
         "made": {"type": "string", "description": "RFC 3339, UTC."},
         "until": {"type": "string", "description": "RFC 3339, UTC."},
         "active": {"type": "boolean", "description": "Whether more may be read: a bar or a restriction ends it before its time."},
         "reviewer": {"type": ["string", "null"]},
         "reviewed": {"type": ["string", "null"], "description": "RFC 3339, UTC."}
        }
       },
       "Emergencies": {
        "type": "object",
        "required": ["emergencies"],
        "properties": {"emergencies": {"type": "array", "items": {"$ref": "#/components/schemas/Emergency"}}}
       },
       "EmergencyReviewRequest": {
        "type": "object",
        "required": ["note"],
        "properties": {"note": {"type": "string", "maxLength": 4096}},
        "additionalProperties": false
       },
       "RecordChanged": {
        "type": "object",
        "required": ["id", "version"],
        "properties": {
         "id": {"$ref": "#/components/schemas/RecordID"},
         "version": {"type": "integer", "minimum": 1}
        }
       },
       "RecordFlag": {
        "type": "string",
        "description": "What is out of the ordinary about the access to a record.",
        "enum": ["referred", "restricted", "break-glass"]
       },
       "RecordsPage": {
        "type": "object",
        "required": ["records"],
        "properties": {
         "records": {
          "type": "array",
          "items": {
           "type": "object",
           "required": ["id", "programme", "version"],
           "properties": {
            "id": {"$ref": "#/components/schemas/RecordID"},
            "programme": {"$ref": "#/components/schemas/Name"},
            "version": {"type": "integer", "minimum": 1},
            "flags": {"type": "array", "items": {"$ref": "#/components/schemas/RecordFlag"}}
           }
          }
         },
         "next": {"type": "string", "description": "Value of `after` for the next page; absent on the last."}
        }
       },
       "SearchRequest": {
        "type": "object",
        "required": ["terms"],
        "properties": {
         "terms": {"type": "string", "maxLength": 1024},
         "programme": {"$ref": "#/components/schemas/Name"},
         "born": {"type": "string", "examples": ["1998..2002", "1999"]},
         "limit": {"type": "integer", "minimum": 1, "maximum": 1000}
        },
        "additionalProperties": false
       },
       "SearchAnswer": {
        "type": "object",
        "required": ["matches"],
        "properties": {
         "matches": {
          "type": "array",
          "items": {
           "type": "object",
           "required": ["id", "programme", "name", "yearOfBirth", "matchedOn", "contactWarning"],
           "properties": {
            "id": {"$ref": "#/components/schemas/RecordID"},
            "programme": {"$ref": "#/components/schemas/Name"},
            "name": {"type": "string"},
            "yearOfBirth": {"type": ["integer", "null"]},
            "matchedOn": {"type": "array", "items": {"type": "string"}},
            "contactWarning": {"type": ["string", "null"]},
            "flags": {"type": "array", "items": {"$ref": "#/components/schemas/RecordFlag"}}
           }
          }
         }
        }
       },
       "Outcome": {"type": "string", "enum": ["allowed", "denied", "failed"]},
       "AuditEntry": {
        "type": "object",
        "required": [
         "index", "time", "account", "uid", "action", "record", "programme", "sections", "purpose", "outcome", "detail",
         "assignment", "approval", "results", "count", "text"
        ],
        "properties": {
         "index": {"type": "integer", "minimum": 0},
         "time": {"type": "string", "description": "RFC 3339, UTC."},
         "account": {"type": ["string", "null"]},
         "uid": {"type": "integer", "minimum": 0},
         "action": {"type": "string"},
         "record": {"type": ["string", "null"]},
         "programme": {"type": ["string", "null"]},
         "sections": {"type": "array", "items": {"type": "string"}},
         "purpose": {"type": ["string", "null"]},
         "outcome": {"$ref": "#/components/schemas/Outcome"},
         "detail": {"type": ["string", "null"], "description": "A code that says more about the outcome."},
         "assignment": {
          "type": ["string", "null"],
          "enum": ["owner", "team", "none", null],
          "description": "How the account stood to the record."
         },
         "approval": {"type": ["string", "null"]},
         "results": {
          "type": "array",
          "items": {"type": "string"},
          "description": "Records that a search answered with; indexes of entries that were revealed, disclosed or proven."
         },
         "count": {"type": ["integer", "null"], "minimum": 1, "description": "Equal events that this entry stands for."},
         "text": {
          "type": ["string", "null"],
          "enum": ["kept", "masked", "erased", null],
          "description": "Words beside the log: in `reason`, told by `reveal` only, gone, or never there (null)."
         },
         "reason": {"type": "string"}
        }
       },
       "AuditEntries": {
        "type": "object",
        "description": "One request goes through a bounded part of the log: a page may be short and still have a `next`.",
        "required": ["entries", "scanned", "size"],
        "properties": {
         "entries": {"type": "array", "items": {"$ref": "#/components/schemas/AuditEntry"}},
         "next": {"type": "integer", "minimum": 0, "description": "Value of `after` for the next page."},
         "scanned": {
          "type": "integer",
          "minimum": 0,
          "description": "The log was gone through up to this index, exclusive."
         },
         "size": {"type": "integer", "minimum": 0, "description": "Entries in the log."}
        }
       },
       "RevealedText": {
        "type": "object",
        "required": ["index", "text"],
        "properties": {"index": {"type": "integer", "minimum": 0}, "text": {"type": "string"}}
       },
       "DisclosureRequest": {
        "type": "object",
        "required": ["indexes"],
        "properties": {
         "indexes": {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1, "maxItems": 256}
        },
        "additionalProperties": false
       },
       "Disclosures": {
        "type": "object",
        "required": ["disclosures"],
        "properties": {
         "disclosures": {
          "type": "array",
          "items": {
           "type": "object",
           "required": ["index", "key", "entry"],
           "properties": {
            "index": {"type": "integer", "minimum": 0},
            "key": {"type": "string", "description": "32 bytes, base64: opens this entry's leaf and no other."},
            "entry": {"$ref": "#/components/schemas/AuditEntry"}
           }
          }
         }
        }
       },
       "SignOffRequest": {
        "type": "object",
        "properties": {
         "upto": {"type": "integer", "minimum": 0, "description": "Last entry that was reviewed; all when absent."},
         "note": {"type": "string", "maxLength": 1024}
        },
        "additionalProperties": false
       },
       "SignOff": {
        "type": "object",
        "required": ["size", "root", "account", "time", "remark", "note", "key"],
        "properties": {
         "size": {"type": "integer", "minimum": 1, "description": "Entries that were reviewed."},
         "root": {"type": "string", "description": "Base64."},
         "account": {"$ref": "#/components/schemas/Name"},
         "time": {"type": "string", "description": "RFC 3339, UTC; the time in the cosignature."},
         "remark": {"type": ["string", "null"]},
         "note": {"type": "string", "description": "Checkpoint signed by the log and cosigned (C2SP cosignature/v1)."},
         "key": {"type": "string", "description": "The auditor's public key in vkey form."}
        }
       },
       "SignOffs": {
        "type": "object",
        "required": ["signoffs", "size"],
        "properties": {
         "signoffs": {"type": "array", "items": {"$ref": "#/components/schemas/SignOff"}},
         "size": {"type": "integer", "minimum": 0, "description": "Entries in the log now."}
        }
       },
       "RequestWish": {
        "type": "object",
        "required": ["action"],
        "properties": {
         "action": {"$ref": "#/components/schemas/SensitiveAction"},
         "account": {"$ref": "#/components/schemas/Name", "description": "For reinstate."},
         "programme": {"$ref": "#/components/schemas/Name", "description": "For export and pathway."},
         "record": {"type": "string", "description": "For disclose and erase."},
         "sections": {"type": "array", "items": {"type": "string"}, "description": "For disclose."},
         "recipient": {"type": "string", "description": "For export and disclose: age1…"},
         "policy": {"$ref": "#/components/schemas/Policy"},
         "pathway": {"$ref": "#/components/schemas/Pathway"},
         "threshold": {
          "type": "integer",
          "minimum": 2,
          "maximum": 16,
          "description": "For recovery-recipients: how many shares are needed."
         },
         "recipients": {
          "type": "array",
          "maxItems": 16,
          "items": {"type": "string"},
          "description": "For recovery-recipients: age1… of each holder, the exact new set."
         }
        },
        "additionalProperties": false
       },
       "SensitiveAction": {
        "type": "string",
        "enum": [
         "reinstate", "export", "disclose", "erase", "break-glass", "policy", "pathway", "recovery-recipients",
         "restore-accept"
        ]
       },
       "Request": {
        "type": "object",
        "required": ["request", "state", "expires", "action", "words", "digest", "requester", "requested"],
        "properties": {
         "request": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
         "state": {"type": "string", "enum": ["pending", "approved", "denied", "used", "expired", "void"]},
         "expires": {"type": "string", "description": "RFC 3339, UTC."},
         "action": {"$ref": "#/components/schemas/SensitiveAction"},
         "words": {"type": "array", "items": {"type": "string"}, "description": "What exactly would happen."},
         "digest": {"type": "string", "description": "SHA-256 of the action, hexadecimal."},
         "requester": {"$ref": "#/components/schemas/Name"},
         "requested": {"type": "string", "description": "RFC 3339, UTC."},
         "programme": {"$ref": "#/components/schemas/Name"},
         "record": {"type": "string"},
         "approver": {"$ref": "#/components/schemas/Name"},
         "decided": {"type": "string", "description": "RFC 3339, UTC."},
         "waitsForYou": {"type": "boolean"}
        }
       },
       "Requests": {
        "type": "object",
        "required": ["requests"],
        "properties": {"requests": {"type": "array", "items": {"$ref": "#/components/schemas/Request"}}}
       },
       "Approval": {
        "type": "object",
        "required": ["digest"],
        "properties": {"digest": {"type": "string", "description": "Of the request as it was shown."}},
        "additionalProperties": false
       },
       "Denial": {
        "type": "object",
        "required": ["reason"],
        "properties": {"reason": {"type": "string", "minLength": 1, "maxLength": 4096}},
        "additionalProperties": false
       },
       "Policy": {
        "type": "object",
        "required": ["rules"],
        "properties": {
         "rules": {
          "type": "object",
          "description": "By action; those that are left out are as in a new vault.",
          "additionalProperties": {
           "type": "object",
           "required": ["twoPeople", "ask", "approve"],
           "properties": {
            "twoPeople": {"type": "boolean"},
            "ask": {"type": "array", "items": {"$ref": "#/components/schemas/Role"}},
            "approve": {"type": "array", "items": {"$ref": "#/components/schemas/Role"}}
           },
           "additionalProperties": false
          }
         }
        },
        "additionalProperties": false
       },
       "Pathway": {
        "type": "object",
        "required": ["steps"],
        "properties": {
         "steps": {
          "type": "array",
          "maxItems": 24,
          "items": {
           "type": "object",
           "required": ["name"],
           "properties": {
            "name": {"type": "string", "minLength": 1, "description": "One line of at most 200 bytes."},
            "withinDays": {"type": "integer", "minimum": 1, "maximum": 3650, "description": "From the opening of a record."}
           },
           "additionalProperties": false
          }
         }
        },
        "additionalProperties": false
       },
       "Proof": {
        "type": "object",
        "description": "Hashes of an RFC 6962 proof, in its order. For an inclusion proof `from` is the leaf's index.",
        "required": ["from", "to", "hashes"],
        "properties": {
         "from": {"type": "integer", "minimum": 0},
         "to": {"type": "integer", "minimum": 0},
         "hashes": {"type": "array", "items": {"type": "string", "description": "Base64."}, "maxItems": 64}
        }
       }
      }
     }
    }
    """#
}
