# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Puts the new contents in the place of the files, one after the other, and stops at the first that fails. Each file is
# hashed before and after. Written for Windows PowerShell 5.1.
[CmdletBinding()]
param (
    [Parameter(Mandatory)] [string] $BackupDirectory,
    [Parameter(Mandatory)] [object[]] $Files,
    [int] $Tries = 10
)
$ErrorActionPreference = 'Stop'

function Get-Sha256 {
    param ([string] $File)
    # Opened so that nobody writes meanwhile: a file that is being written is not one to replace.
    $stream = [IO.File]::Open($File, 'Open', 'Read', 'Read')
    try { $hash = [Security.Cryptography.SHA256CryptoServiceProvider]::new().ComputeHash($stream) }
    finally { $stream.Dispose() }
    [BitConverter]::ToString($hash).Replace('-', '').ToLowerInvariant()
}

# Scanners and indexers open files for a moment: a sharing violation (32), a lock (33) or what ReplaceFile makes of them
# (1175) is waited for, nothing else is.
function Invoke-Patiently {
    param ([scriptblock] $Work)
    for ($try = 1; ; $try++) {
        try { return & $Work }
        catch {
            $code = $_.Exception.GetBaseException().HResult
            if ($try -ge $Tries -or $code -notin @(-2147024864, -2147024863, -2147023721)) { throw }
            Start-Sleep -Milliseconds 500
        }
    }
}

# ReplaceFile keeps the protection, attributes and streams of the file that is replaced. It renames twice: where it
# fails between the two, the file stands under the name that it was to have while it is replaced.
function Switch-File {
    param ($File)
    $aside = $File.temporary -replace '-new$', '-old'
    try { Invoke-Patiently -Work { [IO.File]::Replace($File.temporary, $File.real_path, $aside, $false) } }
    catch {
        if ((Test-Path -LiteralPath $aside) -and -not (Test-Path -LiteralPath $File.real_path)) {
            [IO.File]::Move($aside, $File.real_path)
        }
        throw
    }
    Remove-Item -LiteralPath $aside -Force
}

function Restore-Protection {
    param ($File, [string] $Sddl)
    if ((Get-Acl -LiteralPath $File.real_path).Sddl -ne $Sddl) {
        $security = [Security.AccessControl.FileSecurity]::new()
        $security.SetSecurityDescriptorSddlForm($Sddl, 'Access')
        [IO.File]::SetAccessControl($File.real_path, $security)
    }
    (Get-Acl -LiteralPath $File.real_path).Sddl
}

function Update-File {
    param ($File, $Fact)
    # What goes back gets the protection that it had before it was replaced, whatever it has now.
    $before = $File.sddl
    if (-not $before) { $before = (Get-Acl -LiteralPath $File.real_path).Sddl }
    if ((Invoke-Patiently -Work { Get-Sha256 -File $File.real_path }) -ne $File.expected) { throw 'CHANGED' }
    Switch-File -File $File
    $Fact.state = 'swapped'
    $Fact.sddl_before = $before
    $Fact.sddl_after = Restore-Protection -File $File -Sddl $before
    $Fact.sha256 = Invoke-Patiently -Work { Get-Sha256 -File $File.real_path }
}

$facts = [Collections.Generic.List[object]]::new()
$Ansible.Changed = $false
$Ansible.Result = @{ files = $facts; error = '' }
$lock = $null
try {
    $lock = [IO.File]::Open((Join-Path -Path $BackupDirectory -ChildPath '.lock'), 'OpenOrCreate', 'ReadWrite', 'None')
    foreach ($file in $Files) {
        $fact = @{ real_path = $file.real_path; state = 'untouched'; error = ''; sha256 = ''; sddl_before = ''; sddl_after = '' }
        $facts.Add($fact)
        try {
            Update-File -File $file -Fact $fact
            $Ansible.Changed = $true
        }
        catch { $fact.error = $_.Exception.GetBaseException().Message }
        if ($fact.error -or $fact.sha256 -ne $file.written) { break }
    }
}
catch { $Ansible.Result.error = $_.Exception.GetBaseException().Message }
finally {
    if ($lock) { $lock.Dispose() }
    foreach ($file in $Files) {
        if (Test-Path -LiteralPath $file.temporary) { Remove-Item -LiteralPath $file.temporary -Force -ErrorAction SilentlyContinue }
    }
}
